/** The values of `KDT_RUN_MODE`: which configuration an app loads. */
export const runModes = [
  'dev',
  'test',
  'pre',
  'readonly',
  'online',
  'unittest',
  'qatest',
  'pubtest',
  'ci',
  'perf',
  'daily',
] as const;
export type RunMode = (typeof runModes)[number];

/** Youzan's standard environments. Each lives in clusters of its own. */
export const standardEnvironments = ['daily', 'qa', 'perf', 'pre', 'prod'] as const;
export type StandardEnvironment = (typeof standardEnvironments)[number];

/** What a standard environment means to the apps in it. */
export interface Environment {
  readonly runMode: RunMode;
}
