import type { DiskDetector } from '../detector.js';
import { BITLOCKER } from './bitlocker.js';
import { BOOT_MANAGER_IMAGE } from './boot-manager-image.js';
import { BOOTMGR } from './bootmgr.js';
import { DAMAGED_TABLE } from './damaged-table.js';
import { DRIVE_LETTER } from './drive-letter.js';
import { EFI_SYSTEM_PARTITION } from './efi-system-partition.js';
import { FALLBACK } from './fallback.js';
import { FIRMWARE_ENTRY } from './firmware-entry.js';
import { GPT_SHAPE } from './gpt-shape.js';
import { LAYOUT } from './layout.js';
import { MASTER_BOOT_RECORD } from './master-boot-record.js';
import { PARTITIONS } from './partitions.js';
import { SECURE_BOOT_STATE } from './secure-boot-state.js';
import { VOLUME_BOOT_RECORD } from './volume-boot-record.js';

/** Causes from the firmware to the boot manager's file. */
export const FIRMWARE_DETECTORS: readonly DiskDetector[] = [
  PARTITIONS,
  DAMAGED_TABLE,
  MASTER_BOOT_RECORD,
  VOLUME_BOOT_RECORD,
  BOOTMGR,
  EFI_SYSTEM_PARTITION,
  BOOT_MANAGER_IMAGE,
  FALLBACK,
  FIRMWARE_ENTRY,
  GPT_SHAPE,
  LAYOUT,
  SECURE_BOOT_STATE,
  BITLOCKER,
  DRIVE_LETTER,
];
