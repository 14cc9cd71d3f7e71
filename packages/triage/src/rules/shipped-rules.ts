// Generated from rules/*.yaml by "node scripts/compile-rules.mjs"; do not edit.
import type { Rule } from './rule.js';
import { CROWDSTRIKE_CHANNEL_FILE_291 } from './shipped-rules/crowdstrike-channel-file-291.js';
import { KB5021233_HIDPARSE } from './shipped-rules/kb5021233-hidparse.js';
import { MS14_045_FONT_CACHE } from './shipped-rules/ms14-045-font-cache.js';

/** The rules that every scan judges by unless others are given, in the order of precedence. */
export const SHIPPED_RULES: readonly Rule[] = [CROWDSTRIKE_CHANNEL_FILE_291, KB5021233_HIDPARSE, MS14_045_FONT_CACHE];
