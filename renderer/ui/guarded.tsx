// Keeps what cannot be drawn from taking the whole page with it: it is said in its place, and everything around it goes on.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { Component, type ReactNode, useEffect, useState } from 'react';
import { RefusalCard } from './refusal-card.tsx';

interface GuardedProps {
  /** What is looked at: something else is tried to be drawn. */
  readonly at: string;
  readonly children: ReactNode;
}

interface Failure {
  readonly error: unknown;
}

const Told = ({ failure: { error }, at, onAway }: { readonly failure: Failure; readonly at: string; readonly onAway: () => void }): ReactNode => {
  const [here] = useState(at);
  useEffect(() => {
    if (at !== here) onAway();
  }, [at, here, onAway]);
  return (
    <Box sx={{ p: '20px' }}>
      <RefusalCard
        title="This cannot be shown"
        refusal={{ code: 'bug', message: error instanceof Error ? error.message : String(error), remedy: 'Hosts and guests are not touched by this, and what you edited is kept. Load it again, or go on in another place.' }}
        below={<Button onClick={() => window.location.reload()}>Load again</Button>}
      />
    </Box>
  );
};

/** A class, since React tells of errors in drawing to no function. All that the error says is in the browser's console. */
export class Guarded extends Component<GuardedProps, { readonly failure: Failure | null }> {
  override readonly state: { readonly failure: Failure | null } = { failure: null };

  static getDerivedStateFromError(error: unknown): { readonly failure: Failure } {
    return { failure: { error } };
  }

  readonly #goOn = (): void => this.setState({ failure: null });

  override render(): ReactNode {
    const { failure } = this.state;
    return failure === null ? this.props.children : <Told failure={failure} at={this.props.at} onAway={this.#goOn} />;
  }
}
