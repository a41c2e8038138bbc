// What the two truths of a setting are called, and both together.

export type ShownTruth = 'live' | 'saved' | 'both';

export const truthNames: Readonly<Record<ShownTruth, string>> = { live: 'Now', saved: 'After restart', both: 'Both' };
