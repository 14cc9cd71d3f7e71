/** A path of the registry, and the data that a value is to have. */
interface RegistryChange {
  readonly volume: number;
  /** Path of the hive's file on that volume. */
  readonly path: string;
  /** Path of the key from the hive's root: `ControlSet001\Services\disk`. */
  readonly key: string;
  /** Name of the value. */
  readonly value: string;
  /** A number for a `REG_DWORD`; else the data in hexadecimal digits, as long as it is now. */
  readonly to: number | string;
}

/** An element of a boot store. */
interface BootElement {
  readonly volume: number;
  /** Path of the boot store on that volume. */
  readonly path: string;
  /** The entry, a GUID with or without braces. */
  readonly object: string;
  /** The element, eight hexadecimal digits. */
  readonly element: string;
}

/**
 * A change in place that a finding asks for: the operation, and what it needs to know. Nothing is proven by asking;
 * `@deadbox/repair` plans it, and refuses what is not safe.
 */
export type RepairRequest =
  | { readonly operation: 'neutralise-file' | 'blank-content'; readonly volume: number; readonly path: string }
  | {
      readonly operation: 'restore-disk-identity';
      /** The identity that the witnesses name: eight hexadecimal digits, or a GUID. */
      readonly identity: string;
      /** How many independent witnesses agree on it. */
      readonly witnesses: number;
      /** Identities of other disks of the same run. */
      readonly inUse?: readonly string[];
    }
  | { readonly operation: 'restore-gpt' | 'restore-boot-signature' }
  | {
      readonly operation: 'restore-boot-sector' | 'restore-mft-mirror' | 'restore-mft-records' | 'set-hidden-sectors';
      readonly volume: number;
    }
  | { readonly operation: 'set-active-partition'; readonly partition: number }
  | {
      readonly operation: 'set-partition-entry';
      /** Number of the partition, as the table lists them. */
      readonly partition: number;
      /** Type: `0x07` on an MBR disk, a GUID on a GPT disk. */
      readonly type?: string;
      /** Attribute bits of a GPT entry that are cleared: 60 read-only, 62 hidden, 63 no drive letter. */
      readonly clear?: readonly number[];
      /** The GUID by which firmware knew a GPT partition. */
      readonly id?: string;
    }
  | {
      readonly operation: 'disable-driver';
      readonly volume: number;
      /** The Windows folder, e.g. `/Windows`. */
      readonly root: string;
      /** Name of the driver or service. */
      readonly name: string;
      /** Also one that this disk seems to need to start. */
      readonly force?: boolean;
    }
  | ({ readonly operation: 'set-registry-value' } & RegistryChange)
  | ({ readonly operation: 'remove-boot-element' } & BootElement)
  | ({
      readonly operation: 'set-boot-element';
      /** Text as long as the present one, or `false` for a switch. */
      readonly to: string | false;
    } & BootElement)
  | {
      readonly operation: 'restore-attribute-list';
      readonly volume: number /** Number of the file record. */;
      readonly record: number;
    };

/** What a repair in place can do. */
export type RepairOperationId = RepairRequest['operation'];
