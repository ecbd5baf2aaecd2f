import type { ImageCatalogue } from './image-catalogue.js';

/**
 * The images of {@link youzanConventions}. They name what is public and pin nothing: a company has its own registry, and the
 * digests of what it has built and checked. `localhost` is a builder's own store.
 */
export const youzanImages: ImageCatalogue = {
  registry: 'localhost',
  stacks: {
    'youzanyun-debian12': {
      base: { reference: 'docker.io/library/debian:bookworm-slim' },
      packageManager: 'apt',
      packages: ['ca-certificates', 'curl', 'util-linux'],
      tools: ['bash', 'curl'],
    },
    'youzanyun-centos7': {
      base: { reference: 'docker.io/library/centos:7' },
      packageManager: 'yum',
      packages: [],
    },
    'youzanyun-centos6': {
      base: { reference: 'docker.io/library/centos:6' },
      packageManager: 'yum',
      packages: [],
    },
  },
  runtimes: {
    'openjdk-17': { packages: { 'youzanyun-debian12': ['openjdk-17-jre-headless'] }, programs: ['java'] },
    'openjdk-8': {
      packages: {
        'youzanyun-centos6': ['java-1.8.0-openjdk-headless'],
        'youzanyun-centos7': ['java-1.8.0-openjdk-headless'],
      },
      programs: ['java'],
    },
    'node-18': { packages: { 'youzanyun-debian12': ['nodejs'] }, programs: ['node'] },
    'python-3.11': { packages: { 'youzanyun-debian12': ['python3', 'gunicorn'] }, programs: ['python3', 'gunicorn'] },
    // CentOS 7 has it; for CentOS 6 it is in the Software Collections.
    'python-2.7': { packages: { 'youzanyun-centos6': ['python27'], 'youzanyun-centos7': [] }, programs: [] },
    'php-8.2': {
      packages: { 'youzanyun-debian12': ['php8.2-cli', 'php8.2-fpm', 'nginx-light'] },
      programs: ['php', 'php-fpm8.2'],
    },
    'nginx-1.22': { packages: { 'youzanyun-debian12': ['nginx-light'] }, programs: ['nginx'] },
    generic: {
      packages: { 'youzanyun-debian12': [], 'youzanyun-centos6': [], 'youzanyun-centos7': [] },
      programs: [],
    },
  },
  user: { id: 1000, name: 'app' },
  appsFolder: '/home/www',
};
