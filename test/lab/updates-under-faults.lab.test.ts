// One update per fault, with real nginx as the gateways.
import { updatesUnderFaults } from './updates/suite.js';

updatesUnderFaults('nginx', { updates: 1, stillMs: 17_000 });
