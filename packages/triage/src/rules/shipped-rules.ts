// Generated from rules/*.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from './rule.js';
import { OF_2017_10_DELTA } from './shipped-rules/2017-10-delta.js';
import { OF_2019_04_AV_HANG } from './shipped-rules/2019-04-av-hang.js';
import { OF_2019_05_SOPHOS_WIN7 } from './shipped-rules/2019-05-sophos-win7.js';
import { OF_2019_10_SEP_IDS } from './shipped-rules/2019-10-sep-ids.js';
import { OF_2022_01_DC_HYPERV } from './shipped-rules/2022-01-dc-hyperv.js';
import { OF_2024_03_DC_LSASS } from './shipped-rules/2024-03-dc-lsass.js';
import { OF_2025_04_SPROTECT } from './shipped-rules/2025-04-sprotect.js';
import { OF_2025_05_ACPI_C0000098 } from './shipped-rules/2025-05-acpi-c0000098.js';
import { OF_2025_07_AZURE_VBS } from './shipped-rules/2025-07-azure-vbs.js';
import { OF_2026_04_DC_LSASS_LOOP } from './shipped-rules/2026-04-dc-lsass-loop.js';
import { CROWDSTRIKE_CHANNEL_FILE_291 } from './shipped-rules/crowdstrike-channel-file-291.js';
import { KB5021233_HIDPARSE } from './shipped-rules/kb5021233-hidparse.js';
import { MS14_045_FONT_CACHE } from './shipped-rules/ms14-045-font-cache.js';

/** The rules that every scan judges by unless others are given, in the order of precedence. */
export const SHIPPED_RULES: readonly Rule[] = [
  CROWDSTRIKE_CHANNEL_FILE_291,
  KB5021233_HIDPARSE,
  MS14_045_FONT_CACHE,
  OF_2017_10_DELTA,
  OF_2019_04_AV_HANG,
  OF_2019_05_SOPHOS_WIN7,
  OF_2019_10_SEP_IDS,
  OF_2022_01_DC_HYPERV,
  OF_2024_03_DC_LSASS,
  OF_2025_04_SPROTECT,
  OF_2025_05_ACPI_C0000098,
  OF_2025_07_AZURE_VBS,
  OF_2026_04_DC_LSASS_LOOP,
];
