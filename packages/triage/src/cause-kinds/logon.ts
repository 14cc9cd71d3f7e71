import type { CauseKind } from './cause-kind.js';

/** Causes at the logon: Winlogon, LSA, services, the directory service, profiles. */
export type LogonCauseId =
  | 'winlogon-values'
  | 'ifeo-hijack'
  | 'lsa-package-missing'
  | 'service-critical'
  | 'rpc-host-split'
  | 'ntds-unavailable'
  | 'profile-broken'
  | 'drive-letter-moved';

const LOGON_SUBSYSTEM = 'Azure repair-script-library, win-fix-logon-subsystem';

export const LOGON_CAUSES: Readonly<Record<LogonCauseId, CauseKind>> = {
  'winlogon-values': {
    phase: 'logon',
    codes: ['0xC000021A'],
    repair: { class: 'resize', operation: null },
    sources: [LOGON_SUBSYSTEM],
  },
  'ifeo-hijack': {
    phase: 'logon',
    codes: ['0xC000021A'],
    repair: { class: 'resize', operation: null },
    sources: ['Alibaba Cloud ECS, offline troubleshooting of Windows: system-config'],
  },
  'lsa-package-missing': {
    phase: 'logon',
    codes: ['0xC000021A'],
    repair: { class: 'resize', operation: null },
    sources: ['Microsoft, "Restrictions around registering and installing a security package"'],
  },
  'service-critical': {
    phase: 'logon',
    codes: [],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: ['Microsoft, Azure VM troubleshooting: "Windows reboot loop on an Azure VM"'],
  },
  'rpc-host-split': {
    phase: 'logon',
    codes: [],
    repair: { class: 'resize', operation: null },
    sources: [LOGON_SUBSYSTEM],
  },
  'ntds-unavailable': {
    phase: 'logon',
    codes: ['0xC00002E2', '0xC00002E1'],
    repair: { class: 'none', operation: null },
    sources: ['Microsoft, Azure VM troubleshooting: "Directory service initialization failure"'],
  },
  'profile-broken': {
    phase: 'logon',
    codes: [],
    repair: { class: 'resize', operation: null },
    sources: ['Microsoft, "Fix a corrupted user profile in Windows"'],
    harmless: true,
  },
  'drive-letter-moved': {
    phase: 'logon',
    codes: ['0xC000021A'],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: ['Microsoft, "How to restore the system/boot drive letter in Windows"; winreg-kb, Mounted devices'],
  },
};
