// The beginning and the end of a client's connection: authentication, features, the driver.
import { authType, connectFlag, driverFeature } from '../libvirt/constants.ts';
import { checkFlags, Fault } from './fault.ts';
import type { Handlers } from './serve.ts';

/** What the daemon itself or its driver can do, among virDrvFeature. */
const features: readonly number[] = [driverFeature.fdPassing, driverFeature.typedParamString, driverFeature.programKeepalive, driverFeature.xmlMigratable, driverFeature.remoteEventCallback, driverFeature.remoteCloseCallback, driverFeature.networkUpdateHasCorrectOrder];

export const sessionHandlers: Handlers = {
  authList: (_, client) => {
    client.authenticated = true;
    return { types: [authType.none] };
  },
  connectOpen: ({ name, flags }, client) => {
    checkFlags(flags, connectFlag.ro | connectFlag.noAliases);
    if (client.opened !== null) throw new Fault('internalError', 'rpc', 'internal error: connection already open');
    if (name === null) throw new Fault('internalError', 'rpc', 'internal error: no connection driver available');
    client.opened = { name, readOnly: (flags & connectFlag.ro) !== 0 };
  },
  connectClose: () => undefined,
  connectSupportsFeature: ({ feature }, client) => {
    if (client.opened === null && feature !== driverFeature.programKeepalive) throw new Fault('internalError', 'rpc', 'internal error: connection not open');
    return { supported: features.includes(feature) ? 1 : 0 };
  },
  connectRegisterCloseCallback: () => undefined,
  connectUnregisterCloseCallback: () => undefined,
};
