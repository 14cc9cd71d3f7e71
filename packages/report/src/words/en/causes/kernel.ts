import type { KernelCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';
import { copyPlace, fileState } from './file-state.js';

const STOP_7B = 'Stop code 0x7B (INACCESSIBLE_BOOT_DEVICE), or the logo and a restart, again and again.';

export const kernel: CauseTexts<KernelCauseId> = {
  'boot-driver-not-boot': {
    title: (facts) =>
      facts.is('overridden', true)
        ? phrase`The driver ${facts.show('name')}, which every start needs, is overridden to start type ${facts.show('found')} on this machine, so the loader leaves it out.`
        : phrase`The driver ${facts.show('name')}, which every start needs, has start type ${facts.show('found')} instead of 0, so the loader leaves it out.`,
    screen: STOP_7B,
    proof:
      'In the control set that the loader will use, Services\\<driver>\\Start is not 0, or StartOverride for the last hardware (HardwareConfig\\LastId) is not 0. Both are 0 on every healthy machine for these drivers.',
    remedy: 'Set the value to 0: a DWORD, four bytes in place. Nothing else is loaded by that but this driver.',
  },
  'boot-driver-key-missing': {
    title: (facts) => phrase`The registry no longer knows the driver ${facts.show('name')}, which every start needs.`,
    screen: STOP_7B,
    proof:
      'The control set has no key Services\\<driver>, while it has most of the others, and the hive is not damaged.',
    remedy:
      'Add the key again (Type 1, Start 0, ErrorControl 3, Group and ImagePath as on a machine of the same version), or take SYSTEM from a backup.',
  },
  'boot-driver-file-bad': {
    title: (facts) =>
      phrase`The file of the driver ${facts.show('name')}, which is loaded with the kernel, ${fileState(facts)}: ${facts.show('path')}.${copyPlace(facts)}`,
    screen: '0xC000000F, 0xC0000098 or 0xC0000221 naming the .sys file, or stop code 0x7B.',
    proof:
      'The driver has start type 0 without an override, and its file is missing, empty, never written, all zeros, no image, cut short or made for another processor. It stops the start where ErrorControl is 3 or every machine needs the driver; without others Windows starts.',
    remedy:
      'Put the file of the same version back. A driver of another maker can be disabled instead (Start 4), but only when no filter list names it.',
  },
  'class-filter-dangling': {
    title: (facts) =>
      facts.is('reason', 'disabled')
        ? phrase`The filter ${facts.show('name')} is disabled, but the list of filters of class ${facts.show('class')} still names it, so no such device starts.`
        : facts.is('reason', 'no-service')
          ? phrase`The list of filters of class ${facts.show('class')} names ${facts.show('name')}, and there is no such driver, so no such device starts.`
          : phrase`The list of filters of class ${facts.show('class')} names ${facts.show('name')}, whose file ${fileState(facts)}, so no such device starts.`,
    screen: 'Stop code 0x7B, or the start hangs at the logo.',
    proof:
      'UpperFilters or LowerFilters of a class between the processor and the volume (disk, controller, system, volume) names a service without key, with start type 4, or with a bad file.',
    remedy:
      'Take the name out of the list (the value goes when nothing is left), or bring the driver back. Do not disable the driver alone.',
  },
  'class-filter-default-missing': {
    title: (facts) =>
      phrase`The filter ${facts.show('name')} of Windows is no longer in the list of class ${facts.show('class')}.`,
    screen: 'Stop code 0x7B, or disks that stay offline.',
    proof:
      'On every healthy machine UpperFilters of the disk class names partmgr. That volsnap or fvevol is missing from the volume class is a hint only.',
    remedy: 'Add the name again, first in the list.',
  },
  'class-filter-third-party': {
    title: (facts) =>
      phrase`A filter that is not of Windows stands on class ${facts.show('class')}: ${facts.show('name')}.`,
    screen: 'Nothing by itself; stop code 0x7B or 0xD1 where the filter fails.',
    proof:
      'The list names a driver that Windows does not bring, and its file is there. Antivirus, backup and encryption do that on healthy machines.',
    remedy: 'Only when a dump or log speaks against it: take the name out of the list first, then disable the driver.',
  },
  'instance-filter': {
    title: (facts) =>
      facts.has('reason')
        ? phrase`The device ${facts.show('name')} has a filter that cannot be loaded: ${facts.show('filter')}.`
        : phrase`The device ${facts.show('name')}, which storage hangs on, has a filter of its own: ${facts.show('filter')}.`,
    screen: 'Stop code 0x7B before any disk is seen.',
    proof:
      'UpperFilters or LowerFilters stands on the Enum key of the PCI root, of the bus of Hyper-V or of a controller that a disk was seen on. It is surely wrong only where the filter cannot be loaded.',
    remedy: 'Remove the value from the Enum key.',
  },
  'storage-driver-absent': {
    title: (facts) =>
      facts.has('target')
        ? phrase`On ${facts.show('target')} this Windows finds no disk: ${facts.show('drivers')} is not there or not loaded at the start.`
        : phrase`This Windows loads no storage driver that any known platform has a controller for.`,
    screen: STOP_7B,
    proof:
      'No driver for the controller of the platform has start type 0 with a good file. A driver that lies in the driver store alone does not count. Without a platform named (--target) only a Windows that can start nowhere is told.',
    remedy:
      'Show the disk on a controller whose driver is there (IDE or SATA, for example), start once, install the driver, and move then; or inject it offline (virt-v2v, DISM).',
  },
  'start-override': {
    title: (facts) =>
      phrase`On ${facts.show('target')} the driver ${facts.show('name')} is needed, and Windows has switched it off for this hardware (StartOverride ${facts.show('found')}).`,
    screen: STOP_7B,
    proof:
      'Services\\<driver>\\Start is 0, but StartOverride for HardwareConfig\\LastId is not. It is certain for the same machine with another controller; a machine that Windows does not know yet gets a number of its own, without overrides.',
    remedy: 'Set the override to 0: a DWORD, four bytes in place. It loads one driver more, and nothing less.',
  },
  'vpci-override': {
    title: (facts) =>
      phrase`On ${facts.show('target')} the disk hangs on the virtual PCI bus, whose driver ${facts.show('name')} Windows has switched off for this hardware.`,
    screen: STOP_7B,
    proof: 'NVMe disks of a generation 2 machine reach Windows through vmbus and vpci; StartOverride of vpci is not 0.',
    remedy: 'Set the override to 0: a DWORD, four bytes in place.',
  },
  'device-unbound': {
    title: (facts) =>
      phrase`The driver for ${facts.show('target')} is loaded, but Windows does not know that it belongs to the controller ${facts.show('name')}.`,
    screen: STOP_7B,
    proof:
      'There is no instance of the device below Enum\\PCI, no entry in CriticalDeviceDatabase (Windows 7 and older) and none in DriverDatabase\\DeviceIds (8 and later).',
    remedy:
      'Start once with the controller as a second one, so that the driver is installed for it; or inject the driver (virt-v2v, DISM).',
  },
  'boot-device-disabled': {
    title: (facts) => phrase`A device on the way to the disk is disabled: ${facts.show('name')}.`,
    screen: STOP_7B,
    proof:
      'Bit 0 of ConfigFlags is set on the Enum key of a disk, a volume, a controller that a disk was seen on, or the bus of Hyper-V.',
    remedy: 'Clear the bit: a DWORD, four bytes in place.',
  },
  'acpi-enum-mapping': {
    title: () =>
      phrase`Windows knows the bus of Hyper-V under its old name (ACPI\\VMBus) only; newer hosts call it MSFT1000.`,
    screen: 'Stop code 0x7B on Hyper-V after an import.',
    proof: 'Enum\\ACPI has VMBus and not MSFT1000. Machines that stay on an old host start all the same.',
    remedy: 'Copy the key VMBus as MSFT1000, and Hyper_V_Gen_Counter_V1 as MSFT1002.',
  },
  'xen-residue': {
    title: () => phrase`Drivers of the Xen tools stand in front of the buses of a machine that is not on Xen.`,
    screen: 'Stop code 0x7B, or no disk at all.',
    proof:
      'xenbus, xenfilt or xenvbd start with the kernel and XENFILT filters a class, or XenPCI hides devices; and the machine ran last, or is to run, elsewhere. On Xen that is how it must be.',
    remedy: 'Take XENFILT out of the filter lists first, then set the drivers to start type 4.',
  },
  'xen-device-id': {
    title: (facts) => phrase`The Xen drivers are bound to the platform device ${facts.show('ids')}.`,
    screen: 'Stop code 0x7B on XenServer or XCP-ng after a clone, an import or another version of the tools.',
    proof: 'Enum\\PCI has instances of VEN_5853 with a driver. Which device the host shows is not on the disk.',
    remedy: 'On the host, set platform:device_id back to that number.',
  },
  'parallels-residue': {
    title: () => phrase`Drivers of the Parallels tools are left on a machine that is not on Parallels.`,
    screen: 'Stop code 0x7B.',
    proof: 'prl_strg is in a filter list of the disk or CD-ROM class, or a prl_ driver starts with the kernel.',
    remedy: 'Take prl_strg out of the lists first, then set the prl_ drivers to start type 4.',
  },
  'elam-good-only': {
    title: (facts) =>
      facts.list('drivers').length > 0
        ? phrase`Only drivers that the antivirus calls good are loaded at the start, and there are others: ${facts.show('drivers')}.`
        : phrase`Only drivers that the antivirus calls good are loaded at the start.`,
    screen: 'Windows starts without a driver, or stop code 0x7B.',
    proof:
      'Policies\\EarlyLaunch\\DriverLoadPolicy is 8, and boot-start drivers are there that Windows does not bring.',
    remedy: 'Set the value to 3 (good, unknown, and bad but needed): a DWORD, four bytes in place.',
  },
  'unsigned-driver': {
    title: (facts) => phrase`The driver ${facts.show('name')} is not signed: ${facts.show('path')}.`,
    screen: '0xC0000428, naming the file.',
    proof:
      'A boot-start driver of a 64-bit Windows has no signature of its own and is in none of the catalogs, all of which were read; other drivers are. The last start was not in test mode.',
    remedy: 'Put the signed file back, or disable the driver (Start 4) when no filter list names it.',
  },
  'san-policy': {
    title: (facts) => phrase`New disks stay offline: the SAN policy is ${facts.show('found')}.`,
    screen: 'Windows starts; data disks, or the databases on them, are gone.',
    proof: 'Services\\partmgr\\Parameters\\SanPolicy is 3 (all offline) or 4 (internal ones offline).',
    remedy: 'Set the value to 1 (all online): a DWORD, four bytes in place.',
  },
  'secure-launch': {
    title: () => phrase`Secure Launch is switched on, which hangs on this version of Windows Server.`,
    screen: 'The start hangs at the logo.',
    proof: 'DeviceGuard\\Scenarios\\SystemGuard\\Enabled is 1 on Windows Server 2019 or older.',
    remedy: 'Set the value to 0: a DWORD, four bytes in place.',
  },
  'minint-key': {
    title: (facts) => phrase`Windows takes itself for Windows PE: the key ${facts.show('key')} exists.`,
    screen: 'Setup behaviour at the start; programs refuse to run in Windows PE.',
    proof: 'Control\\MiniNT exists in the control set. A tweak for ReFS leaves it on machines that start.',
    remedy: 'Remove the key.',
  },
};
