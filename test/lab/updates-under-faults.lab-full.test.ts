// Ten updates per fault, with real nginx as the gateways; or as many as YOUZAN_KUBE_LAB_UPDATES says.
import { updatesUnderFaults } from './updates/suite.js';

updatesUnderFaults('nginx', { updates: Number(process.env['YOUZAN_KUBE_LAB_UPDATES'] ?? '10'), stillMs: 60_000 });
