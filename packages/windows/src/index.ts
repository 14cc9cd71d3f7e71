export { checkBoot } from './boot/boot-check.js';
export {
  type BootCheck,
  type BootCheckInput,
  type BootFinding,
  type BootFindingId,
  type BootRemedy,
  type BootVerdict,
  type CheckedDevice,
  type CheckedEntry,
} from './boot/boot-check-result.js';
export { type BootDisk, type BootPartition, sharedIdentities } from './boot/boot-disk.js';
export { BootElement } from './boot/boot-elements.js';
export type { BootFlags } from './boot/boot-flags.js';
export {
  BOOT_LOG_PATHS,
  type BootLog,
  type BootLogEntry,
  type BootLogFailure,
  type BootLogFile,
  type BootLogStart,
  BootLogType,
  BootLogWriter,
  type BootOutcome,
  findBootLogs,
  type LastBootFailure,
  lastBootFailure,
  parseBootLog,
  readBootLog,
} from './boot/boot-log.js';
export { type BootStatus, type BootStatusFile, parseBootStatus, readBootStatusFile } from './boot/boot-status.js';
export {
  type BootElementEntry,
  type BootElementValue,
  type BootObject,
  type BootStore,
  bootManager,
  bootObject,
  effectiveElement,
  ownElement,
  readBootStore,
} from './boot/boot-store.js';
export { type DeviceCheck, type DeviceStatus } from './boot/device-check.js';
export { type BootDevice, type PartitionReference, underlyingDevice } from './boot/device-element.js';
export type { DevicePath, DevicePathPartition } from './boot/device-path.js';
export { bootElementName } from './boot/element-names.js';
export { type BootStoreFile, findBootStores, openBootStore } from './boot/find-boot-stores.js';
export { type FirmwareBootEntry } from './boot/firmware-variable.js';
export { type DiskIdentity, type IdentityWitness, type MountedDevicesFile } from './boot/identity-witnesses.js';
export { type BootObjectKind } from './boot/object-names.js';
export { type SystemRoot, systemRoots } from './boot/system-roots.js';
export { stopCodeName } from './crash/bugcheck.js';
export { type CrashDump, type DumpPart, type NamedDriver, readCrashDump } from './crash/crash-dump.js';
export {
  type CrashEvidence,
  type CrashEvidenceOptions,
  type DumpFile,
  type DumpSource,
  readCrashEvidence,
} from './crash/crash-evidence.js';
export { type DumpHeader, type DumpKind } from './crash/dump-header.js';
export { parseStartupRepairLog, type StartupRepairLog } from './crash/startup-repair.js';
export { type FailureCode, failureCode, failureCodeNamed, knownFailureCodes } from './crash/status-names.js';
export { parseWerReport, type WerReport } from './crash/wer-report.js';
export type { WindowsErrorCode, WindowsIssueCode } from './errors.js';
export {
  type BlockedImage,
  type CodeIntegrityEvents,
  readCodeIntegrityEvents,
} from './events/code-integrity-events.js';
export {
  readSystemEvents,
  type SystemEvent,
  type SystemEventKind,
  type SystemEvents,
  type SystemEventsOptions,
} from './events/system-events.js';
export type { ControlSet } from './machine/control-set.js';
export { openControlSet } from './machine/control-set.js';
export type { CrashSettings } from './machine/crash-settings.js';
export { type FindInstallationsOptions, findInstallations, type WindowsInstallation } from './machine/installations.js';
export {
  type Machine,
  type MachineValuePlace,
  type OpenMachine,
  type ProductType,
  type ReadMachineOptions,
  readMachine,
} from './machine/machine.js';
export { type MountedDevice } from './machine/mounted-devices.js';
export type { NetworkInterface } from './machine/network.js';
export type { WindowsProduct } from './machine/product.js';
export type { SecurityProduct } from './machine/security-products.js';
export type { ServiceEntry, ServiceStart } from './machine/services.js';
export { type PackageState, readPackages, type ServicingPackage } from './machine/servicing-packages.js';
export type { StartState } from './machine/start-state.js';
export type { MachineTimeZone } from './machine/time-zone.js';
export { ianaTimeZone } from './machine/windows-time-zones.js';
export type { BootOption } from './measured-boot/boot-option.js';
export { type MeasuredBoot, type MeasuredBootOption, parseMeasuredBoot } from './measured-boot/event-log.js';
export { findMeasuredBoots, type MeasuredBoots } from './measured-boot/find-measured-boots.js';
export { readFileVersion } from './pe/pe-version.js';
export type { FileVersion } from './pe/version-resource.js';
export { type BaseBlock } from './registry/base-block.js';
export {
  Hive,
  type HiveDirtyReason,
  type HiveLogSources,
  type HiveLogState,
  type HiveOptions,
  type HiveRecovery,
  type HiveState,
} from './registry/hive.js';
export type { ValuePlace } from './registry/hive-context.js';
export { type HiveFile, type OpenHiveFileOptions, openHiveFile } from './registry/hive-file.js';
export {
  type HiveHealth,
  type HiveHealthFinding,
  type HiveHealthFindingId,
  type HiveHealthVerdict,
} from './registry/hive-health.js';
export {
  type RegistryLine,
  type RegistryRow,
  registryLine,
  unhashedRegistryLine,
  type WalkOptions,
} from './registry/hive-walk.js';
export { type RegistryLinesOptions } from './registry/lines/json-lines.js';
export { RegistryKey } from './registry/registry-key.js';
export { RegistryValue } from './registry/registry-value.js';
export {
  decodeValue,
  type RegistryData,
  RegistryType,
  registryDataToJson,
  registryTypeName,
} from './registry/value-data.js';
export type { SourceFact, SourceKind, SourceState } from './source-fact.js';
