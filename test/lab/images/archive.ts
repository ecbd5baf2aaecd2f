// An archive of images in OCI's image layout, as `ctr images import` takes it.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { blobOf, type Blob } from './layer.js';

export interface Image {
  /** With tag, and with a dot in its first part: `lab.local/busybox:1`. */
  readonly reference: string;
  readonly layers: readonly Blob[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** `NAME=value` */
  readonly environment?: readonly string[];
  readonly workingFolder?: string;
}

const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64' };
const platform = { os: 'linux', architecture: architectures[process.arch] ?? process.arch };

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const descriptor = (mediaType: string, { digest, bytes }: Blob): object => ({ mediaType, digest, size: bytes.length });

function documentsOf(image: Image): { readonly config: Blob; readonly manifest: Blob } {
  const { layers, entrypoint, command, environment, workingFolder } = image;
  const config = blobOf(
    json({
      ...platform,
      config: { Entrypoint: entrypoint, Cmd: command, Env: environment, WorkingDir: workingFolder },
      // A layer that is not compressed has one digest for both.
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    }),
  );
  const manifest = blobOf(
    json({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: descriptor(mediaTypes.config, config),
      layers: layers.map((layer) => descriptor(mediaTypes.layer, layer)),
    }),
  );
  return { config, manifest };
}

/** Writes the images into one archive; a layer that several of them share stands in it once. */
export async function writeArchive(file: string, images: readonly Image[]): Promise<void> {
  const blobs = new Map<string, Blob>();
  const manifests = images.map((image) => {
    const { config, manifest } = documentsOf(image);
    for (const blob of [...image.layers, config, manifest]) blobs.set(blob.digest, blob);
    return {
      ...descriptor(mediaTypes.manifest, manifest),
      platform,
      annotations: { 'io.containerd.image.name': image.reference },
    };
  });
  const tar = pack();
  const written = pipeline(tar, createWriteStream(file));
  const add = (name: string, bytes: Buffer): void => {
    tar.entry({ name, mtime: new Date(0), mode: 0o644 }, bytes);
  };
  add('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  add('index.json', json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
  for (const { digest, bytes } of blobs.values()) add(`blobs/${digest.replace(':', '/')}`, bytes);
  tar.finalize();
  await written;
}
