import { bitlocker } from './bitlocker.js';
import { disks } from './disks.js';
import type { Family } from './family.js';
import { fat } from './fat.js';
import { hives } from './hives.js';
import { tables } from './tables.js';
import { trees } from './trees.js';

/** Every family of a campaign. */
export const families: readonly Family[] = [trees, disks, hives, fat, tables, bitlocker] as readonly Family[];
