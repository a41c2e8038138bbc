// What the doctor asks of a daemon whose driver is open: its versions and features, and what this user may do. Nothing is changed.
import { Refused } from '../../app/contract/refusal.ts';
import type { Connection } from '../libvirt/connection.ts';
import { driverFeature, errorCode, xmlFlag } from '../libvirt/constants.ts';
import { isUnsupported, LibvirtError } from '../libvirt/errors.ts';
import { remote } from '../libvirt/procedures.ts';
import { versionOf } from './hosts.ts';

/** What a stage found. */
export interface Examined {
  readonly seen: readonly string[];
  /** What works, and yet is worth knowing. */
  readonly warnings: readonly string[];
}

/** What Guestdeck uses where the daemon has it → what is different without it. */
const features: readonly (readonly [feature: number, name: string, without: string])[] = [
  [driverFeature.remoteEventCallback, 'events by callback', 'Guests are not followed: changes made by others do not show by themselves.'],
  [driverFeature.remoteCloseCallback, 'word of a lost hypervisor', 'When the hypervisor goes away, the daemon does not say so.'],
  [driverFeature.programKeepalive, 'keepalive', 'A dead connection is noticed only by a call that is not answered.'],
  [driverFeature.typedParamString, 'text parameters', 'Weights and limits of single disks (blkio device settings) cannot be read or set.'],
  [driverFeature.networkUpdateHasCorrectOrder, 'network updates in the right order', 'Older than 7.2: changing a network while it runs takes its fields in another order.'],
];

/** Versions of libvirt and hypervisor, and which features the daemon has, each found by asking. */
export async function examineVersions(connection: Connection): Promise<Examined> {
  const supports = async (feature: number): Promise<boolean> => (await connection.call(remote.connectSupportsFeature, { feature }).catch(orElse({ supported: 0 }))).supported !== 0;
  const [{ lib_ver }, hypervisor, { type }, { hostname }, has] = await Promise.all([
    connection.call(remote.connectGetLibVersion, {}),
    connection.call(remote.connectGetVersion, {}).catch(orElse(null)),
    connection.call(remote.connectGetType, {}),
    connection.call(remote.connectGetHostname, {}).catch(orElse({ hostname: 'unnamed' })),
    Promise.all(features.map(async ([feature]) => await supports(feature))),
  ]);
  const present = features.filter((_, at) => has[at] === true).map(([, name]) => name);
  return {
    seen: [`libvirt ${versionOf(lib_ver)} with ${type}${hypervisor === null ? '' : ` ${versionOf(hypervisor.hv_ver)}`} on ${hostname}; it has ${present.join(', ') || 'none of the features asked for'}`],
    warnings: [
      ...(hypervisor === null ? ['The daemon does not tell the version of its hypervisor: it may not be installed.'] : []),
      ...features.filter((_, at) => has[at] !== true).map(([, , without]) => without),
    ],
  };
}

const orElse = <T>(value: T) => (error: unknown): T => {
  if (isUnsupported(error) || error instanceof LibvirtError && error.error.code === errorCode.internalError) return value;
  throw error;
};

type Right = 'granted' | 'read-only' | 'denied' | 'unknown';

/** What an answer says of the right to ask: an error that comes after the check of rights grants it. */
const rightOf = (grants: readonly number[]) => (error: unknown): Right => {
  if (!(error instanceof LibvirtError)) throw error;
  const { code } = error.error;
  if (grants.includes(code)) return 'granted';
  if (code === errorCode.operationDenied) return 'read-only';
  if (code === errorCode.accessDenied || code === errorCode.authFailed || code === errorCode.authUnavailable) return 'denied';
  return 'unknown';
};
const granted = (): Right => 'granted';

/**
 * Whether this user may list guests, read definitions with passwords, and change something.
 * @throws Refused when guests cannot even be listed.
 */
export async function examinePermissions(connection: Connection, readOnly: boolean): Promise<Examined> {
  const { domains } = await connection.call(remote.connectListAllDomains, { need_results: 1, flags: 0 });
  const [dom] = domains;
  const read = dom === undefined ? 'unknown' : await connection.call(remote.domainGetXmlDesc, { dom, flags: 0 }).then(granted, rightOf([errorCode.noDomain]));
  const secure = dom === undefined ? 'unknown' : await connection.call(remote.domainGetXmlDesc, { dom, flags: xmlFlag.secure }).then(granted, rightOf([errorCode.noDomain]));
  const write = await mayWrite(connection);
  if (read === 'denied') throw new Refused('libvirt', 'This user may list guests, but not read their definitions.', { stage: 'permissions', remedy: 'On the host, polkit’s rules for org.libvirt.api.domain.read decide; allow it for this user.' });
  return {
    seen: [
      domains.length === 1 ? 'May list 1 guest' : `May list ${domains.length} guests`,
      ...(secure === 'granted' ? ['read definitions with passwords'] : read === 'granted' ? ['read definitions without passwords'] : []),
      ...(write === 'granted' ? ['change guests'] : []),
    ],
    warnings: [
      ...(write === 'read-only' ? [readOnly ? 'The connection is opened for looking only, as this host is set to.' : 'The daemon opened the connection for looking only: nothing can be changed.'] : []),
      ...(write === 'denied' ? ['This user may not change anything: the daemon checks rights one by one (access_drivers = [ "polkit" ] in libvirtd.conf), and its rules deny org.libvirt.api.connect.write.'] : []),
      ...(secure === 'denied' ? ['Definitions are shown without their passwords: rules of polkit deny org.libvirt.api.domain.read-secure.'] : []),
      ...(write === 'unknown' ? ['Whether something may be changed cannot be found out without trying.'] : []),
    ],
  };
}

/**
 * Asks for something that needs the right to change and cannot be done: a definition as the command line of a hypervisor that does not
 * exist, or where the driver knows no such question, defining a guest from no XML at all. Rights are checked before either is looked at.
 */
async function mayWrite(connection: Connection): Promise<Right> {
  const converting = await connection.call(remote.connectDomainXmlToNative, { nativeFormat: 'guestdeck-no-such-format', domainXml: '<domain/>', flags: 0 }).then(granted, (error: unknown): Right | null =>
    isUnsupported(error) ? null : rightOf([errorCode.invalidArg])(error));
  if (converting !== null) return converting;
  return await connection.call(remote.domainDefineXml, { xml: 'no XML' }).then(granted, rightOf([errorCode.xmlError, errorCode.internalError, errorCode.xmlDetail]));
}
