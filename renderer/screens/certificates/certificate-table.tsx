// All that is kept: each authority with what it signed, then what authorities elsewhere signed, then requests that wait.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import type { ReactNode } from 'react';
import type { CertificateSummary, RequestSummary } from '../../../app/contract/certificates.ts';
import type { Connection } from '../../../app/contract/connections.ts';
import { Card } from '../../ui/card.tsx';
import { Chip, Tag } from '../../ui/tag.tsx';
import { monospace } from '../../ui/theme.ts';
import { dateTime } from '../../ui/time.ts';
import { CertificateMenu, type Action } from './certificate-menu.tsx';
import { isCurrent, lifetimeTone, lifetimeWords } from './lifetimes.ts';

type OnAction = (action: Action, certificate: CertificateSummary) => void;

const cell = { p: '7px 10px 7px 0', textAlign: 'left', verticalAlign: 'top', borderTop: 1, borderColor: 'divider' } as const;
const heads = ['Name', 'Valid for', 'Time left', 'Installed on', ''] as const;

const Row = ({ certificate, connections, onAction }: { readonly certificate: CertificateSummary; readonly connections: readonly Connection[]; readonly onAction: OnAction }): ReactNode => {
  const { kind, label, subject, names, notAfter, installedOn, key, replacedBy, revokedAt, clientAuth } = certificate;
  return (
    <Box component="tr" sx={{ ...(!isCurrent(certificate) && { color: 'text.secondary' }) }}>
      <Box component="th" scope="row" sx={{ ...cell, fontWeight: 400 }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '2px 6px', alignItems: 'center' }}>
          <Box component="span" sx={{ fontWeight: 600 }} title={subject}>{label}</Box>
          <Tag tone={kind === 'host' ? 'accent' : 'quiet'}>{kind}</Tag>
          {clientAuth && <Tag title="Also a client, when guests migrate">migrates</Tag>}
          {key === 'none' && <Tag title="Its key is elsewhere">no key here</Tag>}
        </Box>
      </Box>
      <Box component="td" sx={{ ...cell, fontFamily: monospace, fontSize: 12, overflowWrap: 'anywhere' }}>{names.join(', ')}</Box>
      <Box component="td" sx={{ ...cell, whiteSpace: 'nowrap' }} title={`until ${dateTime(notAfter)}`}>
        <Chip tone={lifetimeTone(certificate)}>{lifetimeWords(certificate)}</Chip>
        {replacedBy !== null && revokedAt === null && <Box component="span" sx={{ ml: '6px', fontSize: 12 }}>replaced</Box>}
      </Box>
      <Box component="td" sx={cell}>{connections.find(({ id }) => id === installedOn)?.name ?? ''}</Box>
      <Box component="td" sx={{ ...cell, pr: 0, width: 30 }}><CertificateMenu certificate={certificate} onAction={onAction} /></Box>
    </Box>
  );
};

const Signed = ({ label, certificates, connections, onAction }: { readonly label: string; readonly certificates: readonly CertificateSummary[]; readonly connections: readonly Connection[]; readonly onAction: OnAction }): ReactNode => (
  <Box sx={{ overflowX: 'auto' }}>
    <Box component="table" aria-label={label} sx={{ width: '100%', borderCollapse: 'collapse', minWidth: 460 }}>
      <thead>
        <tr>{heads.map((head) => <Box key={head} component={head === '' ? 'td' : 'th'} {...(head !== '' && { scope: 'col' })} sx={{ textAlign: 'left', fontWeight: 500, fontSize: 12, color: 'text.secondary', pr: '10px', pb: '4px' }}>{head}</Box>)}</tr>
      </thead>
      <tbody>{certificates.map((certificate) => <Row key={certificate.id} certificate={certificate} connections={connections} onAction={onAction} />)}</tbody>
    </Box>
  </Box>
);

const AuthorityCard = ({ authority, certificates, connections, onAction }: { readonly authority: CertificateSummary; readonly certificates: readonly CertificateSummary[]; readonly connections: readonly Connection[]; readonly onAction: OnAction }): ReactNode => {
  const { id, label, subject, key, keyBits, keyType, alsoTrusts, crl, replacedBy, notAfter } = authority;
  const under = certificates.filter((one) => one.authority === id && one.id !== id);
  const nameOf = (other: string): string => certificates.find((one) => one.id === other)?.label ?? 'one that is gone';
  return (
    <Card
      title={label}
      beside={(
        <>
          <Tag tone="good">authority</Tag>
          <span title={`until ${dateTime(notAfter)}`}><Chip tone={lifetimeTone(authority)}>{lifetimeWords(authority)}</Chip></span>
          {key === 'none' && <Tag title="It cannot sign here">no key here</Tag>}
          <Box sx={{ flex: 1 }} />
          <CertificateMenu certificate={authority} onAction={onAction} />
        </>
      )}
    >
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '2px 16px', color: 'text.secondary', fontSize: 12, mb: 1 }}>
        <Box component="code" sx={{ fontFamily: monospace, overflowWrap: 'anywhere' }}>{subject}</Box>
        <span>{keyType.toUpperCase()} {keyBits}</span>
        {crl !== null && <span>revocation list {crl.number}: {crl.revoked} revoked, next before {dateTime(crl.nextUpdate)}</span>}
        {replacedBy !== null && <span>replaced by {nameOf(replacedBy)}</span>}
      </Box>
      {alsoTrusts.length > 0 && (
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px 10px', alignItems: 'center', mb: 1 }}>
          <span>Its cacert.pem also trusts {alsoTrusts.map(nameOf).join(', ')}, until everything below those is replaced.</span>
          <Button onClick={() => onAction('endRollOver', authority)}>Trust only {label}…</Button>
        </Box>
      )}
      {under.length === 0 ? <Box sx={{ color: 'text.secondary' }}>It has signed nothing that is kept here.</Box> : <Signed label={`Signed by ${label}`} certificates={under} connections={connections} onAction={onAction} />}
    </Card>
  );
};

export const CertificateCards = ({ certificates, requests, connections, onAction, onTake, onDrop }: {
  readonly certificates: readonly CertificateSummary[];
  readonly requests: readonly RequestSummary[];
  readonly connections: readonly Connection[];
  readonly onAction: OnAction;
  readonly onTake: (request: RequestSummary) => void;
  readonly onDrop: (request: RequestSummary) => void;
}): ReactNode => {
  const elsewhere = certificates.filter(({ kind, authority }) => kind !== 'authority' && !certificates.some(({ id }) => id === authority));
  return (
    <>
      {certificates.filter(({ kind }) => kind === 'authority').map((authority) => <AuthorityCard key={authority.id} authority={authority} certificates={certificates} connections={connections} onAction={onAction} />)}
      {elsewhere.length > 0 && <Card title="Signed elsewhere"><Signed label="Signed elsewhere" certificates={elsewhere} connections={connections} onAction={onAction} /></Card>}
      {requests.length > 0 && (
        <Card title="Requests that wait for an authority elsewhere">
          <Box component="ul" aria-label="Requests" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 1 }}>
            {requests.map((request) => (
              <Box component="li" key={request.id} sx={{ display: 'flex', flexWrap: 'wrap', gap: '6px 10px', alignItems: 'center' }}>
                <Box component="span" sx={{ fontWeight: 600 }} title={request.subject}>{request.label}</Box>
                <Tag>{request.kind}</Tag>
                <Box component="span" sx={{ color: 'text.secondary', mr: 'auto' }}>made {dateTime(request.madeAt)}</Box>
                <Button onClick={() => onTake(request)}>Bring its certificate…</Button>
                <Button onClick={() => onDrop(request)}>Remove…</Button>
              </Box>
            ))}
          </Box>
        </Card>
      )}
    </>
  );
};
