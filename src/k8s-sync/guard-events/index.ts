export { GuardEvents } from './guard-events.js';
export { heldServices } from './held-services.js';
