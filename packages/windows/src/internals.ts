export { normalId, sameId } from './boot/boot-disk.js';
export { BOOT_LOG_ENTRY, BOOT_LOG_HEADER, type RefusedPolicy, refusedPolicies } from './boot/boot-log.js';
export { BOOT_STATUS } from './boot/boot-status.js';
export { deviceOf, textOf } from './boot/boot-store.js';
export { checkDevice } from './boot/device-check.js';
export { BCD_DEVICE, BCD_PARTITION, parseDeviceElement } from './boot/device-element.js';
export { parseFirmwareVariable } from './boot/firmware-variable.js';
export { gatherWitnesses, type WitnessStore } from './boot/identity-witnesses.js';
export { bootObjectKind, wellKnownObjectName } from './boot/object-names.js';
export { faultingInstruction, plainStopCode } from './crash/bugcheck.js';
export { DUMP_HEADER_32, DUMP_HEADER_64, dumpBits, parseDumpHeader } from './crash/dump-header.js';
export { isWindowsModule } from './crash/microsoft-drivers.js';
export { startupRepairIds } from './crash/startup-repair.js';
export { DUMP_DRIVER, TRIAGE_DUMP } from './crash/triage-dump.js';
export { type ClassFilters, readClassFilters, STORAGE_CLASSES, type StorageClass } from './drivers/class-filters.js';
export { type CodePageFile, readCodePageFiles } from './drivers/code-pages.js';
export { type DeviceInstance, type DeviceInstances, readDeviceInstances } from './drivers/device-instances.js';
export { type DriverDatabase, isKnownDevice, readDriverDatabase } from './drivers/driver-database.js';
export { type DriverService, type ErrorControl, readDriverServices } from './drivers/driver-services.js';
export { type HardwareConfig, type KnownHardware, readHardwareConfig } from './drivers/hardware-config.js';
export { expirationDate, POLICY, POLICY_HEADER, policyData } from './drivers/product-policy.js';
export { type PlacedNumber, type PlacedTexts, placedNumber, placedTexts } from './drivers/value-place.js';
export { EVENT_CHUNK, EVENT_RECORD, parseChunkHead, parseEventChunk } from './events/event-chunk.js';
export { EVENT_LOG } from './events/event-log.js';
export { MAX_PE_IMPORTS, MAX_PENDING_RENAMES, MAX_SERVICES } from './limits.js';
export { resolveImagePath } from './machine/image-path.js';
export { parseMountedDevice, readMountedDevices } from './machine/mounted-devices.js';
export { windowsTimeZones } from './machine/windows-time-zones.js';
export { MEASURED_EVENT, MEASURED_VARIABLE } from './measured-boot/event-log.js';
export { catalogDigests } from './pe/catalog.js';
export { DerTag, type DerValue, derChild, derChildren, derOid, derValue } from './pe/der.js';
export { CERTIFICATE, readSignedDigest } from './pe/embedded-signature.js';
export { type PeContent, readPeChecksum, readPeContent } from './pe/pe-content.js';
export {
  expectedFileSize,
  PE_HEADER,
  PE_OPTIONAL,
  PE_SECTION,
  PE_START,
  type PeDirectory,
  type PeImage,
  readPeImage,
} from './pe/pe-image.js';
export { PE_IMPORT, readPeImports } from './pe/pe-imports.js';
export { type DigestAlgorithm, type FileDigest, indirectDigest, signedContent } from './pe/signed-data.js';
export { readSignerIssuers } from './pe/signers.js';
export { BASE_BLOCK, BASE_BLOCK_BYTES } from './registry/base-block.js';
export { BIG_DATA } from './registry/big-data.js';
export { HIVE_BIN, HIVE_CELL } from './registry/hive-cells.js';
export { checkControlSets, checkHiveBins, controlSetNames, refineHealth } from './registry/hive-health.js';
export { KEY_NODE } from './registry/key-node.js';
export { KEY_VALUE } from './registry/key-value.js';
export { LOG_ENTRY } from './registry/log/log-entry.js';
export { marvin32 } from './registry/log/marvin32.js';
export { hintAllows, nameHash, registryUpperCase } from './registry/name-hash.js';
export { SECURITY } from './registry/registry-key.js';
export { SUBKEY_LIST } from './registry/subkey-list.js';
export { type SubkeysWithin, subkeysWithin } from './registry/subkeys-within.js';
export { programOf, programPaths } from './session/command-program.js';
export { type CriticalService, readCriticalServices } from './session/critical-services.js';
export { type DeviceInstallation, type DeviceLog, parseDeviceLines, readDeviceLog } from './session/device-log.js';
export { type DirectoryService, readDirectoryService } from './session/directory-service.js';
export { ESENT_HEADER, type EsentState, readEsentState } from './session/esent-header.js';
export {
  type ImageOption,
  LSA_LISTS,
  type LsaPackages,
  readImageOptions,
  readLsaPackages,
  readWinlogon,
  type WinlogonValues,
} from './session/logon-values.js';
export {
  PARTITION_CACHE,
  type PartitionManager,
  type PartitionManagers,
  readPartitionManagers,
} from './session/partition-managers.js';
export { type PendingRename, parsePendingRenames } from './session/pending-renames.js';
export { readProfiles, type UserProfile, type UserProfiles } from './session/profiles.js';
export {
  parseServicingLines,
  readServicingLog,
  type ServicedPackage,
  type ServicingLog,
} from './session/servicing-log.js';
export {
  readServicingStack,
  readStoreMarks,
  type ServicingMark,
  type ServicingStack,
} from './session/servicing-state.js';
export { type KnownDll, readSessionManager, type SessionManager } from './session/session-manager.js';
export { type ImageState, readImageState, readSetupState, type SetupState } from './session/setup-state.js';
