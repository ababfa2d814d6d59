/** A template that a new company can take over and edit. */
export interface StarterText {
  /** Stable, the same in every language. */
  key: string;
  type: 'contract' | 'email';
  name: string;
  subject?: string;
  /** HTML for contracts, plain text for emails; with merge fields. */
  content: string;
  /** A task for the user who takes it over. */
  task?: string;
}
