/** Names of stop codes (Microsoft, "Bug Check Code Reference"). */
export const STOP_CODE_NAMES: Readonly<Record<number, string>> = {
  0x01: 'APC_INDEX_MISMATCH',
  0x0a: 'IRQL_NOT_LESS_OR_EQUAL',
  0x18: 'REFERENCE_BY_POINTER',
  0x19: 'BAD_POOL_HEADER',
  0x1a: 'MEMORY_MANAGEMENT',
  0x1e: 'KMODE_EXCEPTION_NOT_HANDLED',
  0x24: 'NTFS_FILE_SYSTEM',
  0x3b: 'SYSTEM_SERVICE_EXCEPTION',
  0x4e: 'PFN_LIST_CORRUPT',
  0x50: 'PAGE_FAULT_IN_NONPAGED_AREA',
  0x51: 'REGISTRY_ERROR',
  0x5a: 'CRITICAL_SERVICE_FAILED',
  0x5c: 'HAL_INITIALIZATION_FAILED',
  0x67: 'CONFIG_INITIALIZATION_FAILED',
  0x69: 'IO1_INITIALIZATION_FAILED',
  0x6b: 'PROCESS1_INITIALIZATION_FAILED',
  0x6c: 'REFMON_INITIALIZATION_FAILED',
  0x6d: 'SESSION1_INITIALIZATION_FAILED',
  0x6e: 'SESSION2_INITIALIZATION_FAILED',
  0x6f: 'SESSION3_INITIALIZATION_FAILED',
  0x71: 'SESSION5_INITIALIZATION_FAILED',
  0x74: 'BAD_SYSTEM_CONFIG_INFO',
  0x77: 'KERNEL_STACK_INPAGE_ERROR',
  0x7a: 'KERNEL_DATA_INPAGE_ERROR',
  0x7b: 'INACCESSIBLE_BOOT_DEVICE',
  0x7e: 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED',
  0x7f: 'UNEXPECTED_KERNEL_MODE_TRAP',
  0x8e: 'KERNEL_MODE_EXCEPTION_NOT_HANDLED',
  0x9f: 'DRIVER_POWER_STATE_FAILURE',
  0xa5: 'ACPI_BIOS_ERROR',
  0xbe: 'ATTEMPTED_WRITE_TO_READONLY_MEMORY',
  0xc1: 'SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION',
  0xc2: 'BAD_POOL_CALLER',
  0xc4: 'DRIVER_VERIFIER_DETECTED_VIOLATION',
  0xc5: 'DRIVER_CORRUPTED_EXPOOL',
  0xc9: 'DRIVER_VERIFIER_IOMANAGER_VIOLATION',
  0xce: 'DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS',
  0xd1: 'DRIVER_IRQL_NOT_LESS_OR_EQUAL',
  0xe2: 'MANUALLY_INITIATED_CRASH',
  0xe6: 'DRIVER_VERIFIER_DMA_VIOLATION',
  0xed: 'UNMOUNTABLE_BOOT_VOLUME',
  0xef: 'CRITICAL_PROCESS_DIED',
  0xf4: 'CRITICAL_OBJECT_TERMINATION',
  0xf7: 'DRIVER_OVERRAN_STACK_BUFFER',
  0xfc: 'ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY',
  0x101: 'CLOCK_WATCHDOG_TIMEOUT',
  0x109: 'CRITICAL_STRUCTURE_CORRUPTION',
  0x116: 'VIDEO_TDR_FAILURE',
  0x124: 'WHEA_UNCORRECTABLE_ERROR',
  0x133: 'DPC_WATCHDOG_VIOLATION',
  0x139: 'KERNEL_SECURITY_CHECK_FAILURE',
  0x13a: 'KERNEL_MODE_HEAP_CORRUPTION',
  0x154: 'UNEXPECTED_STORE_EXCEPTION',
  0x17e: 'MICROCODE_REVISION_MISMATCH',
  0xc000021a: 'WINLOGON_FATAL_ERROR',
  0xc0000218: 'CANNOT_LOAD_REGISTRY_FILE',
  0xc0000221: 'STATUS_IMAGE_CHECKSUM_MISMATCH',
  0xdeaddead: 'MANUALLY_INITIATED_CRASH1',
};

/** Small dumps add this to a code that a filter caught (`SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M` is 0x1000007E). */
const CAUGHT = 0x1000_0000;

/** The plain code of one that a filter caught: 0x7E for 0x1000007E. */
export function plainStopCode(code: number): number {
  return code >= CAUGHT && code < CAUGHT + 0x1000 ? code - CAUGHT : code;
}

/** Name of a stop code; `undefined` for one that is not in the list. */
export function stopCodeName(code: number): string | undefined {
  return STOP_CODE_NAMES[plainStopCode(code)];
}

/** Which parameter (0-based) of a stop code is the address of the faulting instruction. */
const INSTRUCTION: Readonly<Record<number, number>> = {
  0x0a: 3,
  0x1e: 1,
  0x3b: 1,
  0x50: 2,
  0x7e: 1,
  0x8e: 1,
  0xc5: 3,
  0xd1: 3,
};

/**
 * The address of the faulting instruction among the parameters; `undefined` for codes that have none there, and for 0.
 */
export function faultingInstruction(code: number, parameters: readonly bigint[]): bigint | undefined {
  const index = INSTRUCTION[plainStopCode(code)];
  const address = index === undefined ? undefined : parameters[index];
  return address === 0n ? undefined : address;
}
