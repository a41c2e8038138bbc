// What the procedure table is built from: libvirt's objects, records and bounds as they stand on the wire.
import {
  array,
  bytes,
  chars,
  type Codec,
  double,
  hyper,
  int,
  optional,
  struct,
  text,
  uhyper,
  uint,
  union,
  uuid,
  type ValueOf,
  XdrError,
} from '../xdr/xdr.ts';

/** The protocol's bounds: `domainList` is libvirt's REMOTE_DOMAIN_LIST_MAX, and so on. Bytes for text and raw data, elements for lists. */
export const max = {
  string: 4_194_304,
  authSaslData: 65_536,
  authTypeList: 20,
  connectCpuModels: 8192,
  connectGetAllDomainStats: 262_144,
  connectIdentityParams: 20,
  cpuBaseline: 256,
  cpumap: 2048,
  cpumaps: 8_388_608,
  domainAnnounceInterfaceParams: 16,
  domainAuthorizedSshKeys: 2048,
  domainBlkioParameters: 16,
  domainBlockCopyParameters: 16,
  domainBlockIoTuneParameters: 32,
  domainBlockPeekBuffer: 4_194_304,
  domainBlockStatsParameters: 16,
  domainCheckpointList: 16_384,
  domainDiskErrors: 256,
  domainEventGraphicsIdentity: 20,
  domainEventTunable: 2048,
  domainFsfreezeMountpoints: 256,
  domainFsinfo: 256,
  domainFsinfoDisks: 256,
  domainGetCpuStats: 2048,
  domainGetCpuStatsNcpus: 128,
  domainGuestInfoParams: 2048,
  domainGuestVcpuParams: 64,
  domainInterface: 2048,
  domainInterfaceParameters: 16,
  domainIothreadParams: 64,
  domainIpAddr: 2048,
  domainJobStats: 64,
  domainLaunchSecurityInfoParams: 64,
  domainLaunchSecurityStateParams: 64,
  domainList: 16_384,
  domainMemoryParameters: 16,
  domainMemoryPeekBuffer: 4_194_304,
  domainMemoryStats: 1024,
  domainMessages: 2048,
  domainMigrateParamList: 64,
  domainNumaParameters: 16,
  domainPerfEvents: 64,
  domainSaveParams: 64,
  domainSchedulerParameters: 16,
  domainSendKey: 16,
  domainSnapshotList: 16_384,
  interfaceList: 16_384,
  iothreadInfo: 16_384,
  migrateCookie: 4_194_304,
  networkDhcpLeases: 65_536,
  networkList: 16_384,
  networkPortList: 16_384,
  networkPortParameters: 16,
  nodeCells: 1024,
  nodeCpuStats: 16,
  nodeDeviceCapsList: 65_536,
  nodeDeviceList: 65_536,
  nodeMemoryParameters: 64,
  nodeMemoryStats: 16,
  nodeSevInfo: 64,
  nwfilterBindingList: 16_384,
  nwfilterList: 16_384,
  secretList: 16_384,
  secretValue: 65_536,
  securityDoi: 257,
  securityLabel: 4097,
  securityLabelList: 64,
  securityModel: 257,
  storagePoolList: 16_384,
  storageVolList: 16_384,
  vcpuinfo: 16_384,
} as const;

/** UTF-8 text that is always there (libvirt's nonnull_string). */
export const string = text(max.string);
/** A list of text. */
export const strings = (most: number): Codec<readonly string[]> => array(string, most);

// Objects: how a call names what it acts on. The server finds domains by UUID only; `id` is -1 for an inactive one.
export const domain = struct({ name: string, uuid, id: int });
export const domainCheckpoint = struct({ name: string, dom: domain });
export const domainSnapshot = struct({ name: string, dom: domain });
export const hostInterface = struct({ name: string, mac: string });
export const network = struct({ name: string, uuid });
export const networkPort = struct({ net: network, uuid });
export const nodeDevice = struct({ name: string });
export const nwfilter = struct({ name: string, uuid });
export const nwfilterBinding = struct({ portdev: string, filtername: string });
export const secret = struct({ uuid, usageType: int, usageID: string });
export const storagePool = struct({ name: string, uuid });
export const storageVol = struct({ pool: string, name: string, key: string });

export type Domain = ValueOf<typeof domain>;
export type DomainCheckpoint = ValueOf<typeof domainCheckpoint>;
export type DomainSnapshot = ValueOf<typeof domainSnapshot>;
export type HostInterface = ValueOf<typeof hostInterface>;
export type Network = ValueOf<typeof network>;
export type NetworkPort = ValueOf<typeof networkPort>;
export type NodeDevice = ValueOf<typeof nodeDevice>;
export type Nwfilter = ValueOf<typeof nwfilter>;
export type NwfilterBinding = ValueOf<typeof nwfilterBinding>;
export type Secret = ValueOf<typeof secret>;
export type StoragePool = ValueOf<typeof storagePool>;
export type StorageVol = ValueOf<typeof storageVol>;

/** What a reply or a stream packet with status ERROR carries. `code` and `domain` are libvirt's numbers; `message` is in the server's language. */
export const remoteError = struct({
  code: int,
  domain: int,
  message: optional(string),
  level: int,
  dom: optional(domain),
  str1: optional(string),
  str2: optional(string),
  str3: optional(string),
  int1: int,
  int2: int,
  net: optional(network),
});
export type RemoteError = ValueOf<typeof remoteError>;

/** A named value whose type travels with it; `type` is one of `typedParamType`, a BOOLEAN (6) is 0 or 1. */
export const typedParam = struct({
  field: string,
  value: union({ 1: int, 2: uint, 3: hyper, 4: uhyper, 5: double, 6: int, 7: string }),
});
export type TypedParam = ValueOf<typeof typedParam>;
/** A list of typed parameters; how many are allowed differs by call. */
export const typedParams = (most: number): Codec<readonly TypedParam[]> => array(typedParam, most);
/** The list that migration calls share. */
export const migrateParams = typedParams(max.domainMigrateParamList);

/** One CPU set: bit n of byte n/8 is host CPU n. */
export const cpumap = bytes(max.cpumap);
/** CPU sets of equal length one after the other; the caller said how long one is (`maplen`). */
export const cpumaps = bytes(max.cpumaps);
/** What one side of a migration hands to the other, unread by the client. */
export const cookie = bytes(max.migrateCookie);
/** One number per NUMA cell or page size. */
export const cellUints = array(uint, max.nodeCells);
export const cellUhypers = array(uhyper, max.nodeCells);

// Records of replies.
/** `cpu_time` in ns; `cpu` is the host CPU it runs on, -1 when offline. */
export const vcpuInfo = struct({ number: uint, state: int, cpu_time: uhyper, cpu: int });
/** CPU times in ns, memory in KiB. */
export const nodeStat = struct({ field: string, value: uhyper });
export const diskError = struct({ disk: string, error: int });
/** `tag` is one of `memoryStatTag`; values in KiB except faults, cache hits and the time of the last update. */
export const memoryStat = struct({ tag: int, val: uhyper });
export const iothreadInfo = struct({ iothread_id: uint, cpumap });
/** The label's bytes end with a NUL that is counted. */
export const securityLabel = struct({ label: chars(max.securityLabel), enforcing: int });
export const domainStatsRecord = struct({ dom: domain, params: typedParams(max.connectGetAllDomainStats) });
export const filesystemInfo = struct({ mountpoint: string, name: string, fstype: string, dev_aliases: strings(max.domainFsinfoDisks) });
export const ipAddress = struct({ type: int, addr: string, prefix: uint });
export const guestInterface = struct({ name: string, hwaddr: optional(string), addrs: array(ipAddress, max.domainIpAddr) });
/** `expirytime` in seconds since 1970, 0 for a lease that does not end. */
export const dhcpLease = struct({
  iface: string,
  expirytime: hyper,
  type: int,
  mac: optional(string),
  iaid: optional(string),
  ipaddr: string,
  prefix: uint,
  hostname: optional(string),
  clientid: optional(string),
});
/** Fields of DOMAIN_GET_JOB_INFO's reply: times in ms, the rest in bytes. */
export const jobInfo = {
  type: int,
  timeElapsed: uhyper,
  timeRemaining: uhyper,
  dataTotal: uhyper,
  dataProcessed: uhyper,
  dataRemaining: uhyper,
  memTotal: uhyper,
  memProcessed: uhyper,
  memRemaining: uhyper,
  fileTotal: uhyper,
  fileProcessed: uhyper,
  fileRemaining: uhyper,
};
/** Fields of DOMAIN_INTERFACE_STATS's reply; -1 where the driver does not count. */
export const interfaceStats = {
  rx_bytes: hyper,
  rx_packets: hyper,
  rx_errs: hyper,
  rx_drop: hyper,
  tx_bytes: hyper,
  tx_packets: hyper,
  tx_errs: hyper,
  tx_drop: hyper,
};

// Fields of the older domain events; since 1.2.1 the same fields come again, wrapped behind a callback id.
export const graphicsAddress = struct({ family: int, node: string, service: string });
export const graphicsIdentity = struct({ type: string, name: string });
export const lifecycle = { dom: domain, event: int, detail: int };
export const reboot = { dom: domain };
export const rtcChange = { dom: domain, offset: hyper };
export const watchdog = { dom: domain, action: int };
export const ioError = { dom: domain, srcPath: string, devAlias: string, action: int };
export const ioErrorReason = { ...ioError, reason: string };
export const graphics = {
  dom: domain,
  phase: int,
  local: graphicsAddress,
  remote: graphicsAddress,
  authScheme: string,
  subject: array(graphicsIdentity, max.domainEventGraphicsIdentity),
};
export const controlError = { dom: domain };
export const blockJob = { dom: domain, path: string, type: int, status: int };
export const diskChange = { dom: domain, oldSrcPath: optional(string), newSrcPath: optional(string), devAlias: string, reason: int };
export const trayChange = { dom: domain, devAlias: string, reason: int };
export const pmwakeup = { dom: domain };
export const pmsuspend = { dom: domain };
export const pmsuspendDisk = { dom: domain };
export const balloonChange = { dom: domain, actual: uhyper };
export const deviceRemoved = { dom: domain, devAlias: string };

const fieldBytes = 79;

const named = (field: string): string => {
  const size = Buffer.byteLength(field, 'utf8');
  if (size === 0 || size > fieldBytes) throw new XdrError(`the name ${JSON.stringify(field)} has ${size} bytes where 1 to ${fieldBytes} are allowed`);
  return field;
};

/**
 * Typed parameters to send, one function per type. Setters compare the type exactly: `cpu_shares` as `uint` is refused with error 8
 * where `ullong` is expected. Names have 1 to 79 bytes, else {@link XdrError}; ranges are checked when the call is encoded.
 */
export const param = {
  int: (field: string, value: number): TypedParam => ({ field: named(field), value: { type: 1, value } }),
  uint: (field: string, value: number): TypedParam => ({ field: named(field), value: { type: 2, value } }),
  llong: (field: string, value: bigint): TypedParam => ({ field: named(field), value: { type: 3, value } }),
  ullong: (field: string, value: bigint): TypedParam => ({ field: named(field), value: { type: 4, value } }),
  double: (field: string, value: number): TypedParam => ({ field: named(field), value: { type: 5, value } }),
  boolean: (field: string, value: boolean): TypedParam => ({ field: named(field), value: { type: 6, value: value ? 1 : 0 } }),
  string: (field: string, value: string): TypedParam => ({ field: named(field), value: { type: 7, value } }),
} as const;

/** A typed parameter's value in TypeScript: LLONG and ULLONG as bigint, BOOLEAN as boolean. */
export type ParamValue = number | bigint | string | boolean;

/** Received typed parameters by name; of a name that comes twice the last counts. */
export const paramsToRecord = (params: readonly TypedParam[]): Readonly<Record<string, ParamValue>> =>
  Object.fromEntries(params.map(({ field, value }) => [field, value.type === 6 ? value.value !== 0 : value.value]));
