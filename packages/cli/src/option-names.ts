import type { HttpOptions, ReadOptions } from '@deadbox/core';
import type { OpenDiskOptions } from '@deadbox/disk';
import type { VerifyImageOptions } from '@deadbox/image';
import type { TextOptions } from '@deadbox/report';
import type { ScanOptions } from '@deadbox/triage';
import type { OptionNames } from './known-options.js';

const READ: OptionNames<ReadOptions> = { signal: true };

/** The options of `openDisk`. */
export const OPEN_DISK: OptionNames<OpenDiskOptions> = {
  ...READ,
  name: true,
  siblings: true,
  keys: true,
  formats: true,
  parents: true,
  members: true,
  snapshot: true,
  forceChain: true,
  incomplete: true,
  disk: true,
  cache: true,
  onUnlockProgress: true,
};

/** The options of `scanDisk`. */
export const SCAN: OptionNames<ScanOptions> = {
  ...READ,
  mode: ['quick', 'full', 'deep'],
  rules: true,
  counting: true,
  includeOld: true,
  includeShadowCopies: true,
  target: true,
  told: true,
  around: ['clean', 'always'],
  explain: true,
};

/** The options of `verifyImage`. */
export const VERIFY: OptionNames<VerifyImageOptions> = { ...READ, onProgress: true };

/** The options of `renderScan` and its like. */
export const TEXT: OptionNames<TextOptions> = {
  language: true,
  causes: true,
  zone: true,
  explain: true,
  paint: true,
  width: true,
};

/** The options of `openHttp` and `httpSiblings`. */
export const HTTP: OptionNames<HttpOptions> = {
  ...READ,
  headers: true,
  blockSize: true,
  capacity: true,
  parallel: true,
  attempts: true,
  retryDelay: true,
  stallTimeout: true,
  retryTime: true,
  onRetry: true,
  onRequest: true,
  fetch: true,
};
