import { execFileSync } from 'node:child_process';

/** `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, and the loader's line, which is a path alone. */
const line = /^\s*(?:\S+ => )?(\/\S+) \(0x/;

/** Paths of the shared libraries that a program is linked with, the loader among them. */
export const parseLdd = (text: string): readonly string[] =>
  text.split('\n').flatMap((text) => line.exec(text)?.[1] ?? []);

export const sharedLibrariesOf = (program: string): readonly string[] =>
  parseLdd(execFileSync('ldd', [program], { encoding: 'utf8' }));
