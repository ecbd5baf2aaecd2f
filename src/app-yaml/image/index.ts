export { renderDockerfile, type Dockerfile } from './dockerfile.js';
export { imageLayers, type ImageLayer, type ImageSpec } from './layer.js';
