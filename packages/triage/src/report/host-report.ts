import type { CrashSettings, ProductType, StartState } from '@deadbox/windows';

/** Which server an installation is, by its registry; what could not be read is absent. */
export interface HostReport {
  /** NetBIOS name. */
  readonly computerName?: string;
  /** DNS host name. */
  readonly hostName?: string;
  /** DNS domain. */
  readonly domain?: string;
  /** `MachineGuid`, which Setup gives each Windows; machines that were copied without Sysprep share it. */
  readonly machineId?: string;
  readonly productType?: ProductType;
  /** E.g. `Windows Server 2019 Standard`. */
  readonly product?: string;
  readonly edition?: string;
  readonly build?: number;
  readonly revision?: number;
  /** E.g. `10.0.17763.5936`. */
  readonly version?: string;
  /** E.g. `21H2`. */
  readonly displayVersion?: string;
  /** ISO-8601 UTC. */
  readonly installed?: string;
  readonly systemRoot?: string;
  /** IANA name; the name that Windows stores where it has none. */
  readonly timeZone?: string;
  /** Name of the zone's registry key. */
  readonly windowsTimeZone?: string;
  readonly addresses?: readonly string[];
  /** ISO-8601 UTC. */
  readonly lastShutdown?: string;
  readonly safeMode?: NonNullable<StartState['safeMode']>;
  /** File operations that wait for the next start. */
  readonly pendingRenames?: number;
  readonly crashSettings?: CrashSettings;
  readonly securityProducts?: readonly {
    readonly product: string;
    readonly vendor?: string;
    readonly version?: string;
    readonly missingFiles?: readonly string[];
  }[];
  /** The endpoint sensor that the shipped rules ask for. */
  readonly sensor?: {
    readonly version?: string;
    readonly disabled?: boolean;
    readonly fileMissing?: boolean;
    readonly renamed?: readonly string[];
    readonly agentId?: string;
    /** Start type of its service, as stored. */
    readonly start?: number;
  };
  /** Names of the drivers that are loaded at the start, in stored order. */
  readonly bootDrivers?: readonly string[];
  /** Number of entries below `Services`. */
  readonly services?: number;
}
