// Certificates: what is kept, how long it lasts, whether hosts can be reached with it; and the wizard that makes and installs it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Menu from '@mui/material/Menu';
import MenuItem from '@mui/material/MenuItem';
import Typography from '@mui/material/Typography';
import { mdiCertificateOutline, mdiMenuDown } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import type { CertificateSummary, RequestSummary } from '../../../app/contract/certificates.ts';
import { refusalOf, useAsk } from '../../api/api.tsx';
import type { Fleet } from '../../api/fleet.ts';
import { EmptyState } from '../../ui/card.tsx';
import { Icon } from '../../ui/icon.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { go, type Place } from '../place.ts';
import { countWords, ExpiryCard, VerifyCard } from './aside.tsx';
import { CrlDialog, EndRollOverDialog, RemoveDialog, RenewDialog, RevokeDialog, RollOverDialog } from './certificate-dialogs.tsx';
import type { Action } from './certificate-menu.tsx';
import { CertificateCards } from './certificate-table.tsx';
import { hostOfCertificate, signers } from './draft.ts';
import { DropRequestDialog } from './drop-request.tsx';
import { ExpiryNotice } from './expiry-notice.tsx';
import { InstallManyDialog, type ToInstall, waiting } from './install-many.tsx';
import { ManyHostsDialog, NewAuthorityDialog, NewClientDialog } from './making-dialogs.tsx';
import { ExportDialog, ImportDialog, MakeRequestDialog, SignRequestDialog, TakeSignedDialog } from './transfer-dialogs.tsx';
import { Wizard } from './wizard.tsx';

const news = ['authority', 'client', 'hosts', 'makeRequest', 'signRequest'] as const;
type New = (typeof news)[number];
const newLabels: Readonly<Record<New, string>> = { authority: 'Authority…', client: 'Client certificate…', hosts: 'Certificates for many hosts…', makeRequest: 'Request to an authority elsewhere…', signRequest: 'Certificate for a request…' };

type Open =
  | { readonly what: New | 'import' }
  | { readonly what: 'about'; readonly action: Exclude<Action, 'install'>; readonly certificate: CertificateSummary }
  | { readonly what: 'installMany'; readonly lines: readonly ToInstall[] }
  | { readonly what: 'take' | 'drop'; readonly request: RequestSummary };

const NewMenu = ({ canSign, onNew }: { readonly canSign: boolean; readonly onNew: (what: New) => void }): ReactNode => {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <Button aria-haspopup="menu" aria-expanded={anchor !== null} endIcon={<Icon path={mdiMenuDown} />} onClick={(event) => setAnchor(event.currentTarget)}>New</Button>
      <Menu open={anchor !== null} anchorEl={anchor} onClose={() => setAnchor(null)} slotProps={{ list: { 'aria-label': 'New' } }}>
        {news.map((what) => (
          <MenuItem key={what} disabled={!canSign && what !== 'authority' && what !== 'makeRequest'} onClick={() => {
            setAnchor(null);
            onNew(what);
          }}>{newLabels[what]}</MenuItem>
        ))}
      </Menu>
    </>
  );
};

const none: readonly CertificateSummary[] = [];

export const CertificatesScreen = ({ place, fleet: { connections, loading } }: { readonly place: Extract<Place, { at: 'certificates' }>; readonly fleet: Fleet }): ReactNode => {
  const { data, error } = useAsk('certificates', 'list', {});
  const [open, setOpen] = useState<Open | null>(null);
  const certificates = data?.certificates ?? none;
  const setUp = (setUpHost: string): void => go({ at: 'certificates', setUp: setUpHost });
  const install = (certificate: CertificateSummary, id: string): void => go({ at: 'certificates', setUp: hostOfCertificate(certificate, connections), certificate: id });
  const about = (action: Action, certificate: CertificateSummary): void => {
    if (action === 'install') install(certificate, certificate.id);
    else setOpen({ what: 'about', action, certificate });
  };
  const actOn = (action: Action) => (id: string): void => {
    const certificate = certificates.find((one) => one.id === id);
    if (certificate !== undefined) about(action, certificate);
  };
  const renew = actOn('renew');
  const close = (): void => setOpen(null);
  // A host that is slow to list its guests keeps nobody from setting up another.
  const listing = loading && connections.length === 0;
  const expiry = <ExpiryCard connections={connections} onRenew={renew} />;
  const aside = (
    <Box sx={{ display: 'grid', gap: '14px', alignContent: 'start' }}>
      {expiry}
      <VerifyCard connections={connections} onRenew={renew} onRevocations={actOn('crl')} onSetUp={setUp} />
    </Box>
  );
  const notInstalled = waiting(certificates, connections);
  const empty = data !== undefined && certificates.length === 0 && data.requests.length === 0;
  const setUpButton = <Button variant="contained" color="primary" onClick={() => setUp('')}>Set up TLS for a host</Button>;
  return (
    <>
      <Box sx={{ p: '14px 20px', display: 'flex', flexWrap: 'wrap', gap: '8px 12px', alignItems: 'center', bgcolor: 'background.paper', borderBottom: 1, borderColor: 'divider' }}>
        <Typography variant="h1">{place.setUp === undefined ? 'Certificates' : 'Set up TLS for a host'}</Typography>
        <Typography role="status" sx={{ color: 'text.secondary', mr: 'auto' }}>{data === undefined ? '' : countWords(certificates)}</Typography>
        {place.setUp === undefined && (
          <>
            {notInstalled.length > 0 && <Button onClick={() => setOpen({ what: 'installMany', lines: notInstalled })}>Install {notInstalled.length} on {notInstalled.length === 1 ? 'its host' : 'their hosts'}…</Button>}
            <Button onClick={() => setOpen({ what: 'import' })}>Import…</Button>
            <NewMenu canSign={signers(certificates).length > 0} onNew={(what) => setOpen({ what })} />
            {setUpButton}
          </>
        )}
      </Box>
      {place.setUp !== undefined && error !== null && <Box sx={{ p: '14px 20px' }}><RefusalCard refusal={refusalOf(error)} title="The certificates cannot be read" /></Box>}
      {place.setUp !== undefined && error === null && (data === undefined || listing) && <LinearProgress aria-label="Reading the certificates" />}
      {place.setUp !== undefined && data !== undefined && !listing && <Wizard key={`${place.setUp}/${certificates.find(({ id }) => id === place.certificate)?.id ?? ''}`} host={place.setUp} certificate={place.certificate} connections={connections} certificates={certificates} aside={expiry} />}
      {place.setUp === undefined && (
        <Box sx={{ flex: 1, minHeight: 0, overflow: 'auto', p: '14px 20px 20px', display: 'grid', gap: '14px', gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 1fr) 330px' }, alignItems: 'start' }}>
          <Box sx={{ display: 'grid', gap: '14px', minWidth: 0 }}>
            {error !== null && <RefusalCard refusal={refusalOf(error)} title="The certificates cannot be read" />}
            {data === undefined && error === null && <LinearProgress aria-label="Reading the certificates" />}
            <ExpiryNotice linked={false} />
            {data?.damaged.map(({ place: at, refusal }) => <RefusalCard key={at} refusal={refusal} title={`${at} cannot be read`} />)}
            {empty && (
              <EmptyState icon={mdiCertificateOutline} title="No certificates yet: set up TLS for a host" action={setUpButton}>
                An authority, a certificate for the host and one for this computer are made, installed over SSH and tried out. Those made elsewhere can be imported.
              </EmptyState>
            )}
            {data !== undefined && <CertificateCards certificates={certificates} requests={data.requests} connections={connections} onAction={about} onTake={(request) => setOpen({ what: 'take', request })} onDrop={(request) => setOpen({ what: 'drop', request })} />}
          </Box>
          {aside}
        </Box>
      )}
      {open !== null && <OpenDialog open={open} certificates={certificates} connections={connections} onClose={close} onInstall={install} onInstallMany={(lines) => setOpen({ what: 'installMany', lines })} />}
    </>
  );
};

const OpenDialog = ({ open, certificates, connections, onClose, onInstall, onInstallMany }: { readonly open: Open; readonly certificates: readonly CertificateSummary[]; readonly connections: Fleet['connections']; readonly onClose: () => void; readonly onInstall: (like: CertificateSummary, id: string) => void; readonly onInstallMany: (lines: readonly ToInstall[]) => void }): ReactNode => {
  const authorities = signers(certificates);
  switch (open.what) {
    case 'import': return <ImportDialog onClose={onClose} />;
    case 'authority': return <NewAuthorityDialog authorities={authorities} onClose={onClose} />;
    case 'client': return <NewClientDialog authorities={authorities} onClose={onClose} />;
    case 'hosts': return <ManyHostsDialog authorities={authorities} connections={connections} onClose={onClose} onMade={onInstallMany} />;
    case 'installMany': return <InstallManyDialog lines={open.lines} certificates={certificates} connections={connections} onClose={onClose} />;
    case 'makeRequest': return <MakeRequestDialog onClose={onClose} />;
    case 'signRequest': return <SignRequestDialog authorities={authorities} onClose={onClose} />;
    case 'take': return <TakeSignedDialog request={open.request} onClose={onClose} />;
    case 'drop': return <DropRequestDialog request={open.request} onClose={onClose} />;
    case 'about': {
      const { action, certificate } = open;
      const props = { certificate, onClose };
      switch (action) {
        case 'renew': return (
          <RenewDialog {...props} onRenewed={(id) => {
            onClose();
            if (certificate.kind === 'host' && certificate.installedOn !== null) onInstall(certificate, id);
          }} />
        );
        case 'rollOver': return <RollOverDialog {...props} />;
        case 'export': return <ExportDialog {...props} />;
        case 'crl': return <CrlDialog {...props} />;
        case 'endRollOver': return <EndRollOverDialog {...props} />;
        case 'revoke': return <RevokeDialog {...props} />;
        case 'remove': return <RemoveDialog {...props} />;
      }
    }
  }
};
