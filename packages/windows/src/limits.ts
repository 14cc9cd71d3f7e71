/** Bounds on everything that a structure on disk may ask for. One file, so that a reviewer sees every cap. */

/** Largest hive bins data: offsets in a hive are 31-bit (the top bit marks volatile cells). */
export const MAX_HIVE_BINS_BYTES = 0x7fff_f000;
/** Registry depth that Windows allows is 512 levels. */
export const MAX_KEY_DEPTH = 512;
/** Subkey lists that one `ri` list may name; Windows splits a list at about 1,000 keys. */
export const MAX_SUBKEY_LISTS = 0xffff;
/**
 * Largest value that is read into memory. Windows recommends 2 KiB and allows what memory holds; drivers' blobs reach
 * some MiB.
 */
export const MAX_VALUE_BYTES: number = 64 << 20;
/** Values of one key that are read. Real keys have some thousands at most (`SharedDLLs`, `Installer\Folders`). */
export const MAX_VALUES_PER_KEY = 262_144;
/** Longest key name: 255 characters, UTF-16. */
export const MAX_KEY_NAME_BYTES = 512;
/** Longest value name: 16,383 characters, UTF-16. */
export const MAX_VALUE_NAME_BYTES = 32_768;
/**
 * Bytes that one question to a hive (the subkeys of a key, a value, a path) may read for each byte of the hive: an
 * honest answer reads each record once.
 */
export const HIVE_OPERATION_WORK = 4;
/**
 * Bytes that a walk, and all questions about one machine or boot store together, may read for each byte of the hive. A
 * walk of a real hive takes 1 to 3, where a quarter of the path of its key counts for each row; the facts of a machine
 * take less than 0.2.
 */
export const HIVE_WORK = 12;
/**
 * Bytes that all questions together may read of a small hive: a machine is asked some thousand of them, however few
 * keys it has.
 */
export const LEAST_HIVE_WORK: number = 4 << 20;
/** Largest hive that is taken into memory as a whole for a listing of all that it holds. */
export const MAX_WHOLE_HIVE_BYTES: number = 128 << 20;
/** Broken links of the chain of hive bins that are counted. */
export const MAX_BROKEN_BINS = 1024;

/** Largest transaction log that is replayed. */
export const MAX_LOG_BYTES: number = 512 << 20;
/** Largest single log entry that is read to check its hash. */
export const MAX_LOG_ENTRY_BYTES: number = 128 << 20;
/** Log entries of one file. */
export const MAX_LOG_ENTRIES = 65_536;

/** Objects of one boot store; real ones have some tens. */
export const MAX_BCD_OBJECTS = 4096;
/** Elements of one boot store object. */
export const MAX_BCD_ELEMENTS = 1024;
/** Device elements nest (a ramdisk in a file on a partition); Windows itself nests three deep. */
export const MAX_DEVICE_DEPTH = 8;

/** Bytes of a boot log; real ones have 64 KiB. */
export const MAX_BOOT_LOG_BYTES: number = 1 << 20;

/** Bytes of the log of a measured start; real ones have 30 to 200 KiB. */
export const MAX_MEASURED_LOG_BYTES: number = 1 << 20;
/** Events of one measured start; real ones have some hundreds. */
export const MAX_MEASURED_EVENTS = 8192;

/** Drivers named in one small dump. */
export const MAX_DUMP_DRIVERS = 4096;
/** Characters of a driver name in a dump. */
export const MAX_DUMP_NAME_UNITS = 1024;
/** Dumps whose headers are read in one folder, newest names first. */
export const MAX_DUMP_FILES = 64;
/** Bytes of saved call stack that are searched for return addresses. */
export const MAX_CALL_STACK_BYTES: number = 64 << 10;

/**
 * Work that the records of an event log chunk may ask for, in bytes of text for each byte of the chunk (a part of an
 * event counts as 16). Real logs need 3 to 6.
 */
export const WORK_PER_CHUNK_BYTE = 32;
/** Chunks of one event log whose heads are read: 4 GiB, the most that Windows lets a log grow to. */
export const MAX_EVENT_CHUNKS = 65_536;

/** Sections of an executable image (PE allows 96 on Windows). */
export const MAX_PE_SECTIONS = 96;
/** Entries of one resource directory. */
export const MAX_RESOURCE_ENTRIES = 4096;
/** Bytes of a version resource; real ones have about 1 KiB. */
export const MAX_VERSION_RESOURCE_BYTES: number = 64 << 10;

/** Images that one image may import from; real ones have up to some hundred. */
export const MAX_PE_IMPORTS = 1024;
/** Bytes of the name of an imported image that are read. */
export const MAX_IMPORT_NAME = 256;
/** Bytes of an embedded signature; real ones have 8 to 60 KiB. */
export const MAX_SIGNATURE_BYTES: number = 1 << 20;
/** Values in one value of a signature or catalog; the largest catalogs list some ten thousand files. */
export const MAX_DER_CHILDREN = 262_144;

/** Largest text file (WER report, start-up repair log) that is read. */
export const MAX_TEXT_BYTES: number = 1 << 20;
/** Characters of a line of Startup Repair's log that are looked at. */
export const MAX_REPAIR_LINE = 2048;
/** Root causes of Startup Repair's log. */
export const MAX_REPAIR_CAUSES = 32;
/** WER report folders that are opened, newest names first. */
export const MAX_WER_REPORTS = 64;
/** Services of one control set; real servers have 400 to 1,200. */
export const MAX_SERVICES = 16_384;
/** Machines that one Windows has run on. */
export const MAX_HARDWARE_CONFIGS = 256;
/** Devices whose instances are looked at; a server that saw many disks has some thousand. */
export const MAX_DEVICE_INSTANCES = 16_384;
/** Ids of one bus in the driver database; Windows has about 3,200 for PCI. */
export const MAX_DATABASE_IDS = 32_768;
/** Entries in the list of installed programs. */
export const MAX_PROGRAMS = 16_384;
/** Bytes of a product's id that are shown. */
export const MAX_IDENTIFIER_BYTES = 64;
/** Keys directly below the root of a SYSTEM hive that are looked at; real ones have about fifteen. */
export const MAX_ROOT_KEYS = 1024;
/** Network interfaces of one control set; a host whose virtual switches come and go has thousands. */
export const MAX_INTERFACES = 65_536;

/** File operations that wait for the next start; healthy machines have thousands of them after an update. */
export const MAX_PENDING_RENAMES = 65_536;
/** Sessions of the servicing stack that are looked at. */
export const MAX_SERVICING_SESSIONS = 1024;
/** Profiles of users that are looked at; a server of many users has thousands. */
export const MAX_PROFILES = 65_536;
/** Bytes at the end of a text log that are read. */
export const MAX_LOG_TAIL_BYTES: number = 128 << 10;
/** Characters of a line of a text log that are looked at. */
export const MAX_LOG_LINE = 1024;
/** Entries of a text log that are kept, the newest ones. */
export const MAX_LOG_FINDINGS = 64;
/** Packages that component-based servicing lists; a server of many years has 20,000. */
export const MAX_PACKAGES = 65_536;
/** Instances of disks that are looked at; a server that saw many disks has some thousand. */
export const MAX_DISK_INSTANCES = 16_384;
