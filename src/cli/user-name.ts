import { userInfo } from 'node:os';

/** Who runs this process. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A pod's user has a number, and often no name.
    return `uid ${process.getuid?.() ?? 0}`;
  }
}
