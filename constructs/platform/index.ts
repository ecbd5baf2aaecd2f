export { PlatformAccess, type PlatformAccessProps } from './platform-access.js';
