// A process that holds a lab with a node until it is ended: what the tests of a node's end end. Prints one JSON line.
import { startLab } from '../lab/start.js';

const lab = await startLab({ clusters: { held: { idc: 'bc', nodes: 1 } } });
console.log(JSON.stringify({ folder: lab.folder, kubeconfig: lab.cluster('held').kubeconfig }));
setInterval(() => undefined, 60_000);
