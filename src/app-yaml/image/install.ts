import type { StackImage } from '../../conventions/index.js';

/** How packages are installed so that nothing stays but the packages: no lists, caches, logs and backups with the day's date. */
const managers: Readonly<Record<StackImage['packageManager'], (packages: readonly string[]) => readonly string[]>> = {
  apt: (packages) => [
    'export DEBIAN_FRONTEND=noninteractive',
    'apt-get -qq update',
    `apt-get -qq install -y --no-install-recommends ${packages.join(' ')}`,
    'rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/lib/dpkg/*-old /tmp/*',
    'find /var/log /var/cache/debconf -type f -delete',
  ],
  yum: (packages) => [
    `yum -y -q install ${packages.join(' ')}`,
    'yum -q clean all',
    'rm -rf /var/cache/yum /var/lib/yum/history /tmp/*',
    'find /var/log -type f -delete',
  ],
};

/** Shell commands that install packages; none where there is nothing to install. */
export function installing(packages: readonly string[], packageManager: StackImage['packageManager']): string[] {
  const unique = [...new Set(packages)].sort();
  return unique.length === 0 ? [] : [...managers[packageManager](unique)];
}
