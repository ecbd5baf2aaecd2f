import * as v from 'valibot';
import type { ImageCatalogue } from './image-catalogue.js';

// All of this gets into a Dockerfile as it is, some of it into its shell: no form lets a blank or a quote through.
const name = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, ({ input }) => `"${input}" is no part of an image's name`),
);
const reference = v.pipe(
  v.string(),
  v.regex(/^[\w.:-]+(\/[\w.-]+)*(:[\w][\w.-]{0,127})?$/, ({ input }) => `"${input}" is no image: registry/name:tag`),
);
const digest = v.pipe(
  v.string(),
  v.regex(/^sha256:[0-9a-f]{64}$/, ({ input }) => `"${input}" is no digest: sha256: and 64 hexadecimal digits`),
);
const packageName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][\w.+:=~-]*$/, ({ input }) => `"${input}" is no package, which may have a version: curl=7.88`),
);
const program = v.pipe(
  v.string(),
  v.regex(/^[\w./+-]+$/, ({ input }) => `"${input}" is no program`),
);

/** The form of {@link ImageCatalogue}. */
export const imageForms: v.GenericSchema<unknown, ImageCatalogue> = v.object({
  registry: reference,
  stacks: v.record(
    name,
    v.object({
      base: v.object({ reference, digest: v.optional(digest) }),
      packageManager: v.picklist(['apt', 'yum']),
      packages: v.array(packageName),
      tools: v.optional(v.array(program)),
      digest: v.optional(digest),
    }),
  ),
  runtimes: v.record(
    name,
    v.object({
      packages: v.record(name, v.array(packageName)),
      programs: v.array(program),
      digests: v.optional(v.record(name, digest)),
    }),
  ),
  user: v.object({
    id: v.pipe(
      v.number(),
      v.check(
        (id) => Number.isInteger(id) && id >= 1 && id <= 65_533,
        ({ input }) => `${input} is no user of its own: a whole number from 1 to 65533, 0 being root`,
      ),
    ),
    name: v.pipe(
      v.string(),
      v.regex(/^[a-z_][a-z0-9_-]{0,31}$/, ({ input }) => `"${input}" is no name of a user`),
    ),
  }),
  appsFolder: v.pipe(
    v.string(),
    v.regex(/^(\/[\w.-]+)+$/, ({ input }) => `"${input}" is no folder: /home/www`),
  ),
});
