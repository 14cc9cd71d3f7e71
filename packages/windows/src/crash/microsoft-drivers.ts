/**
 * Kernel modules of Windows itself that stand on nearly every stack. A driver that is not among them is worth naming
 * when the crash itself happened in one of these; being in or out of the list never makes anybody guilty.
 */
const NAMES: ReadonlySet<string> = new Set(
  `ntoskrnl.exe ntkrnlmp.exe ntkrnlpa.exe ntkrpamp.exe nt hal.dll kd.dll kdcom.dll ci.dll clfs.sys tm.sys pshed.dll bootvid.dll fltmgr.sys ksecdd.sys ksecpkg.sys
  cng.sys wdf01000.sys wdfldr.sys wpprecorder.sys sleepstudyhelper.sys acpi.sys acpiex.sys wmilib.sys pci.sys pcw.sys msrpc.sys intelpep.sys windowstrustedrt.sys
  windowstrustedrtproxy.sys vdrvroot.sys pdc.sys cea.sys partmgr.sys spaceport.sys volmgr.sys volmgrx.sys mountmgr.sys atapi.sys ataport.sys storahci.sys storport.sys
  stornvme.sys ehstorclass.sys fileinfo.sys wof.sys wcifs.sys ntfs.sys refs.sys fs_rec.sys fastfat.sys exfat.sys ndis.sys netio.sys tcpip.sys fwpkclnt.sys wfplwfs.sys
  fvevol.sys volume.sys volsnap.sys rdyboost.sys mup.sys iorate.sys disk.sys classpnp.sys crashdmp.sys dump_diskdump.sys dump_dumpfve.sys dumpfve.sys dumpsd.sys
  filecrypt.sys tbs.sys null.sys beep.sys dxgkrnl.sys dxgmms1.sys dxgmms2.sys watchdog.sys basicdisplay.sys basicrender.sys npfs.sys msfs.sys cimfs.sys tdx.sys tdi.sys
  netbt.sys afd.sys afunix.sys vwififlt.sys pacer.sys netbios.sys rdbss.sys csc.sys nsiproxy.sys npsvctrig.sys mssmbios.sys dfsc.sys fastfat.sys bam.sys ahcache.sys
  win32k.sys win32kbase.sys win32kfull.sys cdd.dll luafv.sys http.sys srv.sys srv2.sys srvnet.sys mrxsmb.sys mrxsmb10.sys mrxsmb20.sys bowser.sys mpsdrv.sys
  vmbus.sys vmbkmcl.sys vmbkmclr.sys storvsc.sys netvsc.sys hvsocket.sys winhv.sys winhvr.sys vpci.sys vid.sys hvservice.sys intelppm.sys amdppm.sys processr.sys
  monitor.sys usbhub.sys usbhub3.sys usbxhci.sys usbport.sys usbd.sys ucx01000.sys hidclass.sys hidparse.sys hidusb.sys kbdclass.sys kbdhid.sys mouclass.sys mouhid.sys
  i8042prt.sys cdrom.sys cdfs.sys udfs.sys scsiport.sys iastorav.sys msisadrv.sys isapnp.sys rassstp.sys ndistapi.sys ndiswan.sys raspptp.sys rasl2tp.sys agilevpn.sys
  wdboot.sys wdfilter.sys wdnisdrv.sys mpfilter.sys mpksldrv.sys ndu.sys peauth.sys tcpipreg.sys condrv.sys rspndr.sys lltdio.sys mslldp.sys wanarp.sys dxgi.sys`
    .split(/\s+/)
    .filter((name) => name !== ''),
);

/** Whether a module of that file name belongs to Windows. */
export function isWindowsModule(name: string): boolean {
  return NAMES.has(name.toLowerCase());
}
