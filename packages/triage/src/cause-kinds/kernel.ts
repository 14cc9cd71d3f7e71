import type { CauseKind } from './cause-kind.js';

/** Causes between the loader and a running kernel: drivers, filters, devices. */
export type KernelCauseId =
  | 'boot-driver-not-boot'
  | 'boot-driver-key-missing'
  | 'boot-driver-file-bad'
  | 'class-filter-dangling'
  | 'class-filter-default-missing'
  | 'class-filter-third-party'
  | 'instance-filter'
  | 'storage-driver-absent'
  | 'start-override'
  | 'vpci-override'
  | 'device-unbound'
  | 'boot-device-disabled'
  | 'acpi-enum-mapping'
  | 'xen-residue'
  | 'xen-device-id'
  | 'parallels-residue'
  | 'elam-good-only'
  | 'unsigned-driver'
  | 'san-policy'
  | 'secure-launch'
  | 'minint-key';

const STOP_7B = 'Microsoft, "Advanced troubleshooting for Stop error 7B or INACCESSIBLE_BOOT_DEVICE"';
const INACCESSIBLE = 'Azure, repair-script-library: win-fix-inaccessible-boot-device';
const ERROR_0XC000000F = 'Microsoft, Azure VM troubleshooting: "VM boot error 0xC000000F"';
const ERROR_0XC0000221 = 'Microsoft, Azure VM troubleshooting: "VM boot error 0xC0000221"';
const VIRT_V2V = 'libguestfs, virt-v2v: convert_windows and inject_virtio_win';
const OVERRIDES =
  'Azure, SAP-on-Azure-Scripts-and-Utilities, issue 147: StartOverride after a change of the controller';
const DEVICE_TREE = 'Alibaba Cloud, ECS Windows troubleshooting: device tree and drivers';

export const KERNEL_CAUSES: Readonly<Record<KernelCauseId, CauseKind>> = {
  'boot-driver-not-boot': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: [STOP_7B, INACCESSIBLE],
  },
  'boot-driver-key-missing': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'resize', operation: null },
    sources: [STOP_7B, INACCESSIBLE],
  },
  'boot-driver-file-bad': {
    phase: 'kernel',
    codes: ['0xC000000F', '0xC0000098', '0xC0000221', '0x0000007B'],
    repair: { class: 'needs-file', operation: 'restore-driver-file' },
    sources: [ERROR_0XC000000F, ERROR_0XC0000221],
  },
  'class-filter-dangling': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'resize', operation: 'remove-class-filter' },
    sources: [STOP_7B],
  },
  'class-filter-default-missing': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'resize', operation: null },
    sources: [STOP_7B],
  },
  'class-filter-third-party': {
    phase: 'kernel',
    codes: ['0x0000007B', '0x000000D1'],
    repair: { class: 'resize', operation: 'remove-class-filter' },
    sources: [STOP_7B],
    harmless: true,
  },
  'instance-filter': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'resize', operation: null },
    sources: [INACCESSIBLE],
  },
  'storage-driver-absent': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'needs-file', operation: null },
    sources: [VIRT_V2V, INACCESSIBLE],
  },
  'start-override': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: [OVERRIDES],
  },
  'vpci-override': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: [OVERRIDES],
  },
  'device-unbound': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'resize', operation: null },
    sources: [VIRT_V2V],
  },
  'boot-device-disabled': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: [DEVICE_TREE],
  },
  'acpi-enum-mapping': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'resize', operation: null },
    sources: [INACCESSIBLE],
  },
  'xen-residue': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'in-place', operation: null },
    sources: [VIRT_V2V, DEVICE_TREE],
  },
  'xen-device-id': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'none', operation: null },
    sources: ['Citrix, CTX215064: the device id of the Xen platform device'],
    harmless: true,
  },
  'parallels-residue': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'resize', operation: null },
    sources: [VIRT_V2V],
  },
  'elam-good-only': {
    phase: 'kernel',
    codes: ['0x0000007B'],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: ['Microsoft, "Early Launch Antimalware": DriverLoadPolicy', 'HotCakeX/Harden-Windows-Security, issue 952'],
  },
  'unsigned-driver': {
    phase: 'kernel',
    codes: ['0xC0000428'],
    repair: { class: 'in-place', operation: null },
    sources: ['Microsoft, "Driver signing policy"'],
  },
  'san-policy': {
    phase: 'kernel',
    codes: [],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: ['Microsoft, "diskpart san" and the value SanPolicy of partmgr'],
    harmless: true,
  },
  'secure-launch': {
    phase: 'kernel',
    codes: [],
    repair: { class: 'in-place', operation: 'set-registry-value' },
    sources: ['Microsoft, "Startup failure after enabling Secure Launch"'],
  },
  'minint-key': {
    phase: 'kernel',
    codes: [],
    repair: { class: 'none', operation: null },
    sources: ['Microsoft, "Windows PE": the key MiniNT'],
  },
};
