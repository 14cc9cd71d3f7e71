// Generated from rules/*.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from './rule.js';
import { CROWDSTRIKE_CHANNEL_FILE_291 } from './shipped-rules/crowdstrike-channel-file-291.js';
import { KB4041676_DELTA } from './shipped-rules/kb4041676-delta.js';
import { KB4493472_ANTIVIRUS } from './shipped-rules/kb4493472-antivirus.js';
import { KB4499164_SOPHOS } from './shipped-rules/kb4499164-sophos.js';
import { KB5009557_DOMAIN_CONTROLLERS } from './shipped-rules/kb5009557-domain-controllers.js';
import { KB5021233_HIDPARSE } from './shipped-rules/kb5021233-hidparse.js';
import { KB5035857_LSASS } from './shipped-rules/kb5035857-lsass.js';
import { KB5058405_ACPI } from './shipped-rules/kb5058405-acpi.js';
import { KB5062553_AZURE_VBS } from './shipped-rules/kb5062553-azure-vbs.js';
import { KB5082063_LSASS } from './shipped-rules/kb5082063-lsass.js';
import { MS14_045_FONT_CACHE } from './shipped-rules/ms14-045-font-cache.js';
import { SEP_IPS_20191014 } from './shipped-rules/sep-ips-20191014.js';
import { SPROTECT_24H2 } from './shipped-rules/sprotect-24h2.js';

/** The rules that every scan judges by unless others are given, in the order of precedence. */
export const SHIPPED_RULES: readonly Rule[] = [
  CROWDSTRIKE_CHANNEL_FILE_291,
  KB4041676_DELTA,
  KB4493472_ANTIVIRUS,
  KB4499164_SOPHOS,
  KB5009557_DOMAIN_CONTROLLERS,
  KB5021233_HIDPARSE,
  KB5035857_LSASS,
  KB5058405_ACPI,
  KB5062553_AZURE_VBS,
  KB5082063_LSASS,
  MS14_045_FONT_CACHE,
  SEP_IPS_20191014,
  SPROTECT_24H2,
];
