/** A way from the firmware's disk to Windows: what must be loaded, and how the controller is known. */
export interface StorageWay {
  /** Each must be loaded; of several names in one place, one. */
  readonly drivers: readonly (readonly string[])[];
  /** Devices, as `BUS\device` begins, that show that Windows has run on it. */
  readonly seen: RegExp;
  /**
   * Ids of PCI devices of which the driver database must know one; empty where Windows needs none to find the
   * controller.
   */
  readonly ids: readonly string[];
}

/** A kind of machine that Windows may be started on. */
export interface Platform {
  /** One is enough. */
  readonly ways: readonly StorageWay[];
  /** How the machine names its maker or product. */
  readonly maker: RegExp;
}

const pci = (...ids: readonly string[]): RegExp => new RegExp(`^PCI\\\\(?:${ids.join('|')})`, 'i');

const IDE: StorageWay = {
  drivers: [['intelide'], ['atapi']],
  seen: pci('VEN_8086&DEV_7111', 'VEN_8086&DEV_7010'),
  ids: ['VEN_8086&DEV_7111', 'VEN_8086&DEV_7010', 'CC_0101'],
};
const AHCI: StorageWay = {
  drivers: [['storahci', 'msahci']],
  seen: pci('VEN_8086&DEV_2922', 'VEN_8086&DEV_2829'),
  ids: ['CC_010601', 'CC_0106'],
};
const NVME: StorageWay = { drivers: [['stornvme']], seen: pci('VEN_1B36&DEV_0010'), ids: ['CC_010802'] };
const VIRTIO_BLOCK: StorageWay = {
  drivers: [['viostor']],
  seen: pci('VEN_1AF4&DEV_1001', 'VEN_1AF4&DEV_1042'),
  ids: ['VEN_1AF4&DEV_1001', 'VEN_1AF4&DEV_1042'],
};
const VIRTIO_SCSI: StorageWay = {
  drivers: [['vioscsi']],
  seen: pci('VEN_1AF4&DEV_1004', 'VEN_1AF4&DEV_1048'),
  ids: ['VEN_1AF4&DEV_1004', 'VEN_1AF4&DEV_1048'],
};
const HYPER_V_SCSI: StorageWay = {
  drivers: [['vmbus'], ['storvsc']],
  seen: /^VMBUS\\\{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f\}/i,
  ids: [],
};
const one = (driver: string, id: string): StorageWay => ({ drivers: [[driver]], seen: pci(id), ids: [id] });

const HYPER_V = /microsoft|virtual machine/i;
const VMWARE = /vmware/i;
const QEMU = /qemu|kvm|red hat|proxmox|nutanix|openstack/i;

/** A platform by its name. */
export type PlatformId =
  | 'hyper-v-gen1'
  | 'hyper-v-gen2'
  | 'azure-scsi'
  | 'azure-nvme'
  | 'virtio-blk'
  | 'virtio-scsi'
  | 'vmware-lsi-sas'
  | 'vmware-lsi-parallel'
  | 'vmware-pvscsi'
  | 'vmware-nvme'
  | 'vmware-ahci'
  | 'ahci'
  | 'ide'
  | 'nvme'
  | 'xen'
  | 'ec2-nitro'
  | 'gce'
  | 'nutanix-ahv'
  | 'alibaba';

/**
 * libguestfs, virt-v2v; Azure, repair-script-library; the PCI ids of the controllers that hypervisors show. Plain names
 * of controllers stand beside those of clouds and products.
 */
export const PLATFORMS: Readonly<Record<PlatformId, Platform>> = {
  'hyper-v-gen1': { ways: [IDE], maker: HYPER_V },
  'hyper-v-gen2': { ways: [HYPER_V_SCSI], maker: HYPER_V },
  'azure-scsi': { ways: [HYPER_V_SCSI], maker: HYPER_V },
  'azure-nvme': {
    ways: [{ drivers: [['vmbus'], ['vpci'], ['stornvme']], seen: pci('VEN_1414&DEV_B111'), ids: ['CC_010802'] }],
    maker: HYPER_V,
  },
  'virtio-blk': { ways: [VIRTIO_BLOCK], maker: QEMU },
  'virtio-scsi': { ways: [VIRTIO_SCSI], maker: QEMU },
  'vmware-lsi-sas': { ways: [one('lsi_sas', 'VEN_1000&DEV_0054')], maker: VMWARE },
  'vmware-lsi-parallel': { ways: [one('lsi_scsi', 'VEN_1000&DEV_0030')], maker: VMWARE },
  'vmware-pvscsi': { ways: [one('pvscsi', 'VEN_15AD&DEV_07C0')], maker: VMWARE },
  'vmware-nvme': { ways: [{ ...NVME, seen: pci('VEN_15AD&DEV_07F0') }], maker: VMWARE },
  'vmware-ahci': { ways: [{ ...AHCI, seen: pci('VEN_15AD&DEV_07E0') }], maker: VMWARE },
  ahci: { ways: [AHCI], maker: QEMU },
  ide: { ways: [IDE], maker: QEMU },
  nvme: { ways: [NVME], maker: QEMU },
  xen: {
    ways: [{ drivers: [['xenbus'], ['xenvbd']], seen: pci('VEN_5853'), ids: ['VEN_5853'] }],
    maker: /xen|amazon|citrix/i,
  },
  'ec2-nitro': {
    ways: [{ drivers: [['stornvme', 'awsnvme']], seen: pci('VEN_1D0F'), ids: ['CC_010802', 'VEN_1D0F&DEV_8061'] }],
    maker: /amazon/i,
  },
  gce: { ways: [VIRTIO_SCSI, { ...NVME, seen: pci('VEN_1AE0&DEV_001F') }], maker: /google/i },
  'nutanix-ahv': { ways: [VIRTIO_SCSI], maker: /nutanix/i },
  alibaba: { ways: [VIRTIO_BLOCK, NVME], maker: /alibaba/i },
};

/** Every platform. */
export const PLATFORM_IDS: readonly PlatformId[] = Object.keys(PLATFORMS) as PlatformId[];

/** Whether `name` is a platform. */
export function isPlatform(name: string): name is PlatformId {
  return Object.hasOwn(PLATFORMS, name);
}

/** Lower-case names of the drivers of a platform; none for a name that is no platform. */
export function driversOf(name: string): ReadonlySet<string> {
  return new Set(isPlatform(name) ? PLATFORMS[name].ways.flatMap(({ drivers }) => drivers.flat()) : []);
}
