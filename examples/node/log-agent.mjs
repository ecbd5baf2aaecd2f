// Stands for a log agent: it is ready once it has its own file, and ends when it is told to.
import { writeFileSync } from 'node:fs';

writeFileSync('/tmp/log-agent.ready', '');
const beat = setInterval(() => undefined, 1_000);
process.on('SIGTERM', () => clearInterval(beat));
