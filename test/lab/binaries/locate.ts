import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../lab-error.js';
import { components, type Component } from './components.js';
import type { ModuleName } from './modules.js';
import { readRecipe } from './recipe.js';

/** How each component is started: a program and its first arguments. */
export type Binaries = Readonly<Record<Component, readonly string[]>>;

/** A folder of programs, or one program that is all of them. */
function from(place: string, component: Component): readonly string[] | undefined {
  if (!existsSync(place)) return undefined;
  if (statSync(place).isFile()) return [place, component];
  const program = join(place, component);
  return existsSync(program) ? [program] : undefined;
}

/** Whether the environment names binaries, so that Go is not needed for what they hold. */
export const namedPlaces = (): readonly string[] =>
  [process.env['YOUZAN_KUBE_LAB_BIN'], process.env['KUBEBUILDER_ASSETS']].filter(
    (place): place is string => place !== undefined && place !== '',
  );

/** Finds every component, first where the environment says, then in the cache. Throws with all that are missing. */
export function locateBinaries(): Binaries {
  const named = namedPlaces();
  let built: string | undefined;
  const missing: Component[] = [];
  const found = components.map((component): readonly [Component, readonly string[]] => {
    for (const place of named) {
      const command = from(place, component);
      if (command !== undefined) return [component, command];
    }
    built ??= readRecipe('kubernetes').target;
    const command = from(built, component);
    if (command === undefined) missing.push(component);
    return [component, command ?? []];
  });
  if (missing.length > 0)
    throw new LabError(
      `no binary of ${missing.join(', ')}${named.length === 0 ? '' : ` in ${named.join(' or ')}`}`,
      'build them: npm run lab:build',
    );
  return Object.fromEntries(found) as Binaries;
}

/** The program of a module that is one program, where the environment names a folder that has it. */
export const namedProgram = (name: ModuleName): string | undefined =>
  namedPlaces()
    .map((place) => join(place, name))
    .find(existsSync);
