// Making certificates without the wizard: an authority, perhaps below another; a client; hosts, many at once in a table.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import IconButton from '@mui/material/IconButton';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { mdiClose, mdiPlus } from '@mdi/js';
import { type ReactNode, useState } from 'react';
import { type CertificateSummary, certificates as section } from '../../../app/contract/certificates.ts';
import type { Connection } from '../../../app/contract/connections.ts';
import { useApi } from '../../api/api.tsx';
import { Icon } from '../../ui/icon.tsx';
import { monospace } from '../../ui/theme.ts';
import { Tick } from '../../ui/tick.tsx';
import { useAct } from './act.ts';
import { AskDialog } from './ask-dialog.tsx';
import { namesOfHost, organizationOf, usualLife } from './draft.ts';
import { lifeOf, LifeRows, NewPassphraseRows, noPassphrase, SubjectFields, type TypedLife } from './fields.tsx';
import { emptySubject, namesIn, namesProblem, noProblems, partsOf, problemsOf, withRefusal } from './form.ts';
import type { ToInstall } from './install-many.tsx';
import { ProfileChoice, ProfileSave } from './profiles.tsx';
import { ChoiceRow, Row } from './rows.tsx';

const bySelf = 'self';

export const NewAuthorityDialog = ({ authorities, onClose }: { readonly authorities: readonly CertificateSummary[]; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [subject, setSubject] = useState(emptySubject);
  const [life, setLife] = useState<TypedLife>(usualLife('authority'));
  const [typed, setTyped] = useState(noPassphrase);
  const [above, setAbove] = useState(bySelf);
  const [tried, setTried] = useState(false);
  const takes = { subject: partsOf(subject), ...lifeOf(life), newPassphrase: typed.passphrase, remember: typed.remember, ...(above !== bySelf && { authority: above }) };
  const found = problemsOf(section.asks.createAuthority.takes, takes);
  const problems = withRefusal(tried ? found : noProblems, act.refusal);
  const submit = (): void => {
    setTried(true);
    if (found.size > 0 || typed.passphrase !== typed.repeated) return;
    act.run(async () => {
      await client.ask('certificates', 'createAuthority', takes);
      onClose();
    });
  };
  return (
    <AskDialog title="New authority" verb="Make the authority" act={act} onClose={onClose} onSubmit={submit}>
      <ProfileChoice kind="authority" disabled={act.busy} onProfile={(profile) => {
        setSubject({ ...profile.subject, CN: subject.CN });
        setLife(profile.life);
      }} />
      <SubjectFields typed={subject} problems={problems} path="subject" disabled={act.busy} commonName={{ label: 'Name' }} onChange={setSubject} />
      {authorities.length > 0 && <ChoiceRow label="Signed by" value={above} disabled={act.busy} choices={[{ value: bySelf, label: 'Itself' }, ...authorities.map(({ id, label }) => ({ value: id, label }))]} hint={above === bySelf ? '' : 'Whoever trusts that one trusts what this one signs.'} onChange={setAbove} />}
      <LifeRows life={life} problems={problems} disabled={act.busy} onChange={setLife} />
      <NewPassphraseRows typed={typed} tried={tried} problems={withRefusal(found, act.refusal)} disabled={act.busy} onChange={setTyped} />
      <ProfileSave kind="authority" life={life} subject={subject} disabled={act.busy} />
    </AskDialog>
  );
};

const AuthorityRow = ({ authorities, authority, disabled, onChange }: { readonly authorities: readonly CertificateSummary[]; readonly authority: string; readonly disabled: boolean; readonly onChange: (id: string) => void }): ReactNode => (
  <ChoiceRow label="Authority" value={authority} disabled={disabled} choices={authorities.map(({ id, label }) => ({ value: id, label }))} onChange={onChange} />
);

export const NewClientDialog = ({ authorities, onClose }: { readonly authorities: readonly CertificateSummary[]; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [authority, setAuthority] = useState(authorities[0]?.id ?? '');
  const [subject, setSubject] = useState({ ...emptySubject, O: organizationOf(authorities[0]) });
  const [life, setLife] = useState<TypedLife>(usualLife('client'));
  const [tried, setTried] = useState(false);
  const takes = { authority, subject: partsOf(subject), ...lifeOf(life) };
  const found = problemsOf(section.asks.createClient.takes, takes);
  const problems = withRefusal(tried ? found : noProblems, act.refusal);
  const submit = (): void => {
    setTried(true);
    if (found.size > 0) return;
    act.run(async () => {
      await client.ask('certificates', 'createClient', takes);
      onClose();
    });
  };
  return (
    <AskDialog title="New client certificate" verb="Make the certificate" act={act} onClose={onClose} onSubmit={submit}>
      <Typography>For another person or computer. Export it as an archive afterwards.</Typography>
      <ProfileChoice kind="client" disabled={act.busy} onProfile={(profile) => {
        setSubject({ ...profile.subject, CN: subject.CN });
        setLife(profile.life);
      }} />
      <AuthorityRow authorities={authorities} authority={authority} disabled={act.busy} onChange={setAuthority} />
      <SubjectFields typed={subject} problems={problems} path="subject" disabled={act.busy} commonName={{ label: 'Name' }} onChange={setSubject} />
      <LifeRows life={life} problems={problems} disabled={act.busy} onChange={setLife} />
      <ProfileSave kind="client" life={life} subject={subject} disabled={act.busy} />
    </AskDialog>
  );
};

interface HostLine {
  /** The saved connection; null for a host that is none. */
  readonly host: string | null;
  readonly name: string;
  readonly names: string;
  readonly chosen: boolean;
}

/** @param onMade told which were made for which hosts: they are of use once they are installed. */
export const ManyHostsDialog = ({ authorities, connections, onClose, onMade }: { readonly authorities: readonly CertificateSummary[]; readonly connections: readonly Connection[]; readonly onClose: () => void; readonly onMade: (made: readonly ToInstall[]) => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [authority, setAuthority] = useState(authorities[0]?.id ?? '');
  const [lines, setLines] = useState<readonly HostLine[]>(() => connections.filter(({ transport }) => transport === 'ssh' || transport === 'tls').map((connection) => ({
    host: connection.id, name: connection.name, names: namesOfHost(connection, undefined).join(', '), chosen: true,
  })));
  const [subject, setSubject] = useState({ ...emptySubject, O: organizationOf(authorities[0]) });
  const [life, setLife] = useState<TypedLife>(usualLife('host'));
  const [clientAuth, setClientAuth] = useState(true);
  const chosen = lines.filter((line) => line.chosen);
  const takes = { authority, clientAuth, ...lifeOf(life), hosts: chosen.map(({ host, names }) => ({ names: [...namesIn(names)], subject: partsOf({ ...subject, CN: '' }), ...(host !== null && { host }) })) };
  const found = problemsOf(section.asks.createHost.takes, takes);
  const problems = withRefusal(found, act.refusal);
  const change = (index: number, part: Partial<HostLine>): void => setLines(lines.map((line, at) => (at === index ? { ...line, ...part } : line)));
  return (
    <AskDialog
      title="Certificates for many hosts"
      wide
      verb={`Make ${chosen.length} ${chosen.length === 1 ? 'certificate' : 'certificates'}`}
      act={act}
      disabled={found.size > 0}
      onClose={onClose}
      onSubmit={() => act.run(async () => {
        const { ids } = await client.ask('certificates', 'createHost', takes);
        onMade(ids.map((certificate, index) => ({ certificate, authority, label: takes.hosts[index]?.names[0] ?? '', host: chosen[index]?.host ?? '' })));
      })}
    >
      <Typography>All are made, or none. They are installed on their hosts next.</Typography>
      <ProfileChoice kind="host" disabled={act.busy} onProfile={(profile) => {
        setSubject(profile.subject);
        setLife(profile.life);
        setClientAuth(profile.clientAuth);
      }} />
      <AuthorityRow authorities={authorities} authority={authority} disabled={act.busy} onChange={setAuthority} />
      <SubjectFields typed={subject} problems={problems} path="hosts.0.subject" disabled={act.busy} commonName={null} onChange={setSubject} />
      <LifeRows life={life} problems={problems} disabled={act.busy} onChange={setLife} />
      <Row label=""><Tick label="Guests migrate between these hosts" effect="Each may show its certificate as a client too." checked={clientAuth} disabled={act.busy} onChange={setClientAuth} /></Row>
      <ProfileSave kind="host" life={life} subject={subject} clientAuth={clientAuth} disabled={act.busy} />
      <Box component="table" aria-label="Hosts" sx={{ width: '100%', borderCollapse: 'collapse', '& td, & th': { p: '4px 8px 4px 0', textAlign: 'left', verticalAlign: 'top' } }}>
        <thead><tr><th scope="col">Host</th><th scope="col">DNS names and IP addresses, the common name first</th></tr></thead>
        <tbody>
          {lines.map((line, index) => {
            const at = chosen.indexOf(line);
            const problem = at < 0 ? null : namesProblem(problems, `hosts.${at}.names`, namesIn(line.names));
            return (
              <tr key={line.host ?? `new ${index}`}>
                <Box component="td" sx={{ whiteSpace: 'nowrap' }}>
                  {line.host === null ? <Box component="span" sx={{ color: 'text.secondary', lineHeight: '32px' }}>another</Box> : <Tick label={line.name} effect="" checked={line.chosen} disabled={act.busy} onChange={(on) => change(index, { chosen: on })} />}
                </Box>
                <Box component="td" sx={{ display: 'flex', gap: '6px', alignItems: 'flex-start' }}>
                  <TextField fullWidth value={line.names} disabled={act.busy || !line.chosen} error={problem !== null} helperText={problem} onChange={(event) => change(index, { names: event.target.value })} slotProps={{ htmlInput: { 'aria-label': `Names of ${line.name || 'another host'}`, spellCheck: false, style: { fontFamily: monospace, fontSize: 12 } } }} />
                  {line.host === null && <IconButton aria-label="Take this line away" disabled={act.busy} onClick={() => setLines(lines.filter((one) => one !== line))}><Icon path={mdiClose} size={16} /></IconButton>}
                </Box>
              </tr>
            );
          })}
        </tbody>
      </Box>
      <Box><Button variant="text" disabled={act.busy} startIcon={<Icon path={mdiPlus} size={16} />} onClick={() => setLines([...lines, { host: null, name: '', names: '', chosen: true }])}>Another host</Button></Box>
    </AskDialog>
  );
};
