// Ten updates per fault; or as many as YOUZAN_KUBE_LAB_UPDATES says.
import { updateFaults, updatesUnderFaults } from './updates/suite.js';

updatesUnderFaults(updateFaults, Number(process.env['YOUZAN_KUBE_LAB_UPDATES'] ?? '10'));
