/**
 * Programs that the rich container's entrypoint needs in the image, beside `sh`. All are in coreutils and util-linux, or in
 * busybox.
 */
export const entrypointTools: readonly string[] = ['setsid', 'mkfifo', 'mkdir', 'mv', 'rm', 'sleep', 'timeout', 'date'];
