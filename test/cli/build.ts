import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command line is tested as users have it: built. The bundle takes a second or two, without types. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build:js'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'inherit',
  });
}
