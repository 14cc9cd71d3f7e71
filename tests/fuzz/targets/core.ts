import { type Bytes, describeStructure, formatFileTime, parseFileTime, type Structure, utf16Text } from '@deadbox/core';
import { FAT_BOOT_SECTOR, FAT_ENTRY, FAT_LONG_NAME, FAT32_BOOT_SECTOR } from '@deadbox/fat';
import { LOG_RECORD_HEADER, LOG_RESTART_PAGE, USN_RECORD_V2, USN_RECORD_V3, USN_RECORD_V4 } from '@deadbox/ntfs';
import { GPT_ENTRY, GPT_HEADER, LDM_PRIVATE_HEADER, MBR, MBR_ENTRY } from '@deadbox/partitions';
import type { FuzzTarget } from '../target.js';

const TABLES: readonly Structure[] = [
  MBR,
  MBR_ENTRY,
  GPT_HEADER,
  GPT_ENTRY,
  LDM_PRIVATE_HEADER,
  FAT_BOOT_SECTOR,
  FAT32_BOOT_SECTOR,
  FAT_ENTRY,
  FAT_LONG_NAME,
  LOG_RESTART_PAGE,
  LOG_RECORD_HEADER,
  USN_RECORD_V2,
  USN_RECORD_V3,
  USN_RECORD_V4,
];

export const coreTargets: readonly FuzzTarget[] = [
  {
    name: 'core/structures',
    seeds: () => [{ name: 'counting', bytes: Uint8Array.from({ length: 600 }, (_, i) => i & 0xff) }],
    parse(input: Bytes): number {
      let values = 0;
      for (const table of TABLES)
        for (const base of [0, 1, 512, input.length])
          values += describeStructure(table, input, base).filter(({ value }) => value !== null).length;
      return values;
    },
  },
  {
    name: 'core/times',
    seeds: () => [{ name: 'iso', bytes: new TextEncoder().encode('2024-07-19T04:09:35.1234567Z') }],
    parse(input: Bytes): string {
      const time = parseFileTime(new TextDecoder().decode(input)) ?? parseFileTime(utf16Text(input));
      return time === undefined ? 'none' : typeof formatFileTime(time);
    },
  },
];
