import type { CauseKind } from './cause-kind.js';

/** Causes between the loader and a running kernel: drivers, filters, devices. */
export type KernelCauseId = never;

export const KERNEL_CAUSES: Readonly<Record<KernelCauseId, CauseKind>> = {};
