// The first three steps of the wizard: the authority, the certificate of the host, that of the client. Each takes one that is there, or makes one.
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import type { CertificateSummary } from '../../../app/contract/certificates.ts';
import type { Connection } from '../../../app/contract/connections.ts';
import { Facts } from '../../ui/card.tsx';
import { monospace } from '../../ui/theme.ts';
import { Tick } from '../../ui/tick.tsx';
import { dateTime } from '../../ui/time.ts';
import { type Draft, newOne } from './draft.ts';
import { LifeRows, NamesRow, NewPassphraseRows, SubjectFields } from './fields.tsx';
import type { Problems, TypedSubject } from './form.ts';
import { lifetimeWords } from './lifetimes.ts';
import { ProfileChoice, ProfileSave } from './profiles.tsx';
import { ChoiceRow, Row } from './rows.tsx';

export interface StepProps {
  readonly draft: Draft;
  /** What is wrong, once Next was tried or something is typed. */
  readonly problems: Problems;
  readonly tried: boolean;
  readonly busy: boolean;
  readonly onChange: (part: Partial<Draft>) => void;
}

const ChosenFacts = ({ certificate }: { readonly certificate: CertificateSummary }): ReactNode => (
  <Facts facts={[
    ['Name', <Box key="name" component="code" sx={{ fontFamily: monospace, fontSize: 12 }}>{certificate.subject}</Box>],
    ...(certificate.names.length === 0 ? [] : [['Valid for', certificate.names.join(', ')] as const]),
    ['Ends', `${dateTime(certificate.notAfter)}, ${lifetimeWords(certificate)}`],
    ['Fingerprint', <Box key="print" component="code" sx={{ fontFamily: monospace, fontSize: 11 }}>{certificate.fingerprint}</Box>],
  ]} />
);

/** Chooses among those that are kept, where there are some. `anew` null: none can be made here. */
const Choice = ({ label, anew, offered, chosen, busy, onChoose }: {
  readonly label: string;
  readonly anew: string | null;
  readonly offered: readonly CertificateSummary[];
  readonly chosen: string;
  readonly busy: boolean;
  readonly onChoose: (choice: string) => void;
}): ReactNode => {
  const certificate = offered.find(({ id }) => id === chosen);
  return (
    <>
      {offered.length > 0 && <ChoiceRow label={label} value={chosen} disabled={busy} choices={[...offered.map((one) => ({ value: one.id, label: `${one.label}, ${lifetimeWords(one)}` })), ...(anew === null ? [] : [{ value: newOne, label: anew }])]} onChange={onChoose} />}
      {certificate !== undefined && <Row label=""><ChosenFacts certificate={certificate} /></Row>}
    </>
  );
};

/** Why nothing can be made below an authority, and what can be done instead. */
const KeyElsewhere = ({ problem }: { readonly problem: boolean }): ReactNode => (
  <Typography role={problem ? 'alert' : 'note'} sx={{ color: problem ? 'error.main' : 'text.secondary' }}>The key of this authority is elsewhere: it signs nothing here. On the page of certificates, New has a request for it; what it signs is brought back there, and installed here.</Typography>
);

/** The fields of a profile, with the common name that is there. */
const filledWith = (profile: TypedSubject, CN: string): TypedSubject => ({ ...profile, CN });

export const AuthorityStep = ({ draft, problems, tried, busy, onChange, offered, chosen }: StepProps & { readonly offered: readonly CertificateSummary[]; readonly chosen: string }): ReactNode => {
  const { authority } = draft;
  const change = (part: Partial<Draft['authority']>): void => onChange({ authority: { ...authority, ...part } });
  return (
    <>
      <Typography sx={{ color: 'text.secondary' }}>The authority signs the certificates of hosts and clients; both trust whatever it signed. One is enough for all your hosts.</Typography>
      <Choice label="Authority" anew="A new authority" offered={offered} chosen={chosen} busy={busy} onChoose={(choice) => change({ choice })} />
      {chosen === newOne && (
        <>
          <ProfileChoice kind="authority" disabled={busy} onProfile={({ subject, life }) => change({ subject: filledWith(subject, authority.subject.CN), life })} />
          <SubjectFields typed={authority.subject} problems={problems} path="subject" disabled={busy} commonName={{ label: 'Name', hint: 'Certificates below it carry this name as their organization.' }} onChange={(subject) => change({ subject })} />
          <LifeRows life={authority.life} problems={problems} disabled={busy} onChange={(life) => change({ life })} />
          <NewPassphraseRows typed={authority.passphrase} tried={tried} problems={problems} disabled={busy} onChange={(passphrase) => change({ passphrase })} />
          <ProfileSave kind="authority" subject={authority.subject} life={authority.life} disabled={busy} />
        </>
      )}
    </>
  );
};

/** Those that are kept and could serve; `canMake`: whether the key of the authority is here, so that another can be made. */
interface LeafProps {
  readonly offered: readonly CertificateSummary[];
  readonly chosen: string;
  readonly canMake: boolean;
}

export const ServerStep = ({ draft, problems, tried, busy, onChange, offered, chosen, canMake, hosts, proposed, note }: StepProps & LeafProps & {
  /** Those that can be logged in to. */
  readonly hosts: readonly Connection[];
  readonly proposed: { readonly names: readonly string[]; readonly organization: string };
  /** What is worth knowing of the host that was chosen. */
  readonly note: ReactNode;
}): ReactNode => {
  const { server, host } = draft;
  const change = (part: Partial<Draft['server']>): void => onChange({ server: { ...server, ...part } });
  const organization = server.organization ?? proposed.organization;
  return (
    <>
      <Typography sx={{ color: 'text.secondary' }}>Every name that clients use to reach the host goes in here; libvirt refuses any other.</Typography>
      <ChoiceRow
        label="Host"
        value={hosts.some(({ id }) => id === host) ? host : ''}
        disabled={busy}
        problem={host === '' && problems.size > 0 ? 'Choose the host that is to be reached over TLS.' : null}
        hint={hosts.length === 0 ? 'No saved host is reached over SSH. Add one first.' : ''}
        choices={hosts.map(({ id, name, uri }) => ({ value: id, label: `${name} (${uri.split(':', 1)[0] ?? ''})` }))}
        onChange={(id) => onChange({ host: id, server: { ...server, names: null, choice: null } })}
      />
      {note}
      <Choice label="Certificate" anew={canMake ? 'A new certificate' : null} offered={offered} chosen={chosen} busy={busy} onChoose={(choice) => change({ choice })} />
      {!canMake && <KeyElsewhere problem={tried && chosen === ''} />}
      {chosen === newOne && (
        <>
          <ProfileChoice kind="host" disabled={busy} onProfile={(profile) => change({ subject: profile.subject, life: profile.life, clientAuth: profile.clientAuth, organization: profile.subject.O || null })} />
          <NamesRow names={server.names ?? proposed.names} problems={problems} path="hosts.0.names" disabled={busy} hint="The first one becomes the common name." onChange={(names) => change({ names })} />
          <SubjectFields
            typed={{ ...server.subject, O: organization }}
            problems={problems}
            path="hosts.0.subject"
            disabled={busy}
            commonName={null}
            organizationHint="As the authority is called, which virt-pki-validate compares."
            onChange={(subject) => change({ subject, organization: subject.O })}
          />
          <LifeRows life={server.life} problems={problems} disabled={busy} onChange={(life) => change({ life })} />
          <Row label="">
            <Tick label="Guests migrate from this host to others" effect="The host may show the certificate as a client too." checked={server.clientAuth} disabled={busy} onChange={(clientAuth) => change({ clientAuth })} />
            <Tick label="Make the key on the host" effect="It never leaves the host; only a request for its certificate does." checked={server.keyOnHost} disabled={busy} onChange={(keyOnHost) => change({ keyOnHost })} />
          </Row>
          <ProfileSave kind="host" subject={{ ...server.subject, O: organization }} life={server.life} clientAuth={server.clientAuth} disabled={busy} />
        </>
      )}
    </>
  );
};

export const ClientStep = ({ draft, problems, tried, busy, onChange, offered, chosen, canMake, proposed }: StepProps & LeafProps & {
  readonly proposed: { readonly commonName: string; readonly organization: string };
}): ReactNode => {
  const { client } = draft;
  const change = (part: Partial<Draft['client']>): void => onChange({ client: { ...client, ...part } });
  const typed = { ...client.subject, O: client.organization ?? proposed.organization, CN: client.commonName ?? proposed.commonName };
  return (
    <>
      <Typography sx={{ color: 'text.secondary' }}>This computer shows it to the host, which lets in whoever has one of the same authority. One is enough for all hosts.</Typography>
      <Choice label="Certificate" anew={canMake ? 'A new certificate' : null} offered={offered} chosen={chosen} busy={busy} onChoose={(choice) => change({ choice })} />
      {!canMake && <KeyElsewhere problem={tried && chosen === ''} />}
      {chosen === newOne && (
        <>
          <ProfileChoice kind="client" disabled={busy} onProfile={(profile) => change({ subject: filledWith(profile.subject, client.subject.CN), life: profile.life, organization: profile.subject.O || null })} />
          <SubjectFields
            typed={typed}
            problems={problems}
            path="subject"
            disabled={busy}
            commonName={{ label: 'Name', hint: 'Who or which computer it is for. tls_allowed_dn_list on the host can let in or keep out by the whole name.' }}
            onChange={(subject) => change({ subject, commonName: subject.CN, organization: subject.O })}
          />
          <LifeRows life={client.life} problems={problems} disabled={busy} onChange={(life) => change({ life })} />
          <ProfileSave kind="client" subject={typed} life={client.life} disabled={busy} />
        </>
      )}
    </>
  );
};
