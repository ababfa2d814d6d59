import { Anchor, Badge, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '@/server/client/offer-schema';
import { FormError } from '../ui/FormError';
import { Panel } from '../ui/Panel';
import classes from './Client.module.css';
import { fileOf, useAnswerDesign } from './offer';
import { useStoredInput } from './use-stored-input';

/** The designs of the client's event, to approve or to comment on. */
export function Designs({
  designs,
  acceptedBy = '',
  ...page
}: Page & { designs: Offer['designs']; acceptedBy?: string }) {
  const { t } = useTranslation();
  if (designs.length === 0) return null;
  return (
    <Panel title={t('client.designs')}>
      <Stack gap="lg">
        {designs.map((design) => (
          <Design key={design.id} design={design} acceptedBy={acceptedBy} {...page} />
        ))}
      </Stack>
    </Panel>
  );
}

interface Page {
  token: string;
  /** The page's address below `/api/client`, and its query. */
  path: string;
  queryKey: readonly string[];
}

function Design({
  design,
  token,
  path,
  queryKey,
  acceptedBy,
}: Page & { design: Offer['designs'][number]; acceptedBy: string }) {
  const { t } = useTranslation();
  const answer = useAnswerDesign(path, queryKey, design.id);
  const [name, setName] = useState(acceptedBy);
  const [comment, setComment, forget] = useStoredInput(token, `design.${design.id}`);
  return (
    <article aria-label={design.name}>
      <Group justify="space-between">
        <Text fw={600}>{design.name}</Text>
        {design.status && (
          <Badge variant="light" color={design.approvedAt ? 'green' : 'gray'}>
            {design.status}
          </Badge>
        )}
      </Group>
      <div className={classes.photos}>
        {design.proofs.map((proof) =>
          proof.isPicture ? (
            <a key={proof.id} href={fileOf(path, proof.id)} target="_blank" rel="noreferrer">
              <img src={fileOf(path, proof.id, 640)} alt={proof.name} loading="lazy" />
            </a>
          ) : (
            <Anchor key={proof.id} href={fileOf(path, proof.id)} target="_blank" underline="always" size="sm">
              {proof.name}
            </Anchor>
          ),
        )}
      </div>
      {design.notes && (
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
          {design.notes}
        </Text>
      )}
      {design.approvedAt ? (
        <Text size="sm" role="status">
          {t('client.approvedBy', { name: design.approvedBy })}
        </Text>
      ) : (
        <Stack gap="xs" mt="xs">
          <TextInput
            size="md"
            label={t('client.name')}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Textarea
            size="md"
            label={t('client.changesLabel')}
            autosize
            minRows={2}
            maxLength={5000}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          <FormError error={answer.error} />
          <Group>
            <Button
              disabled={!name.trim() || Boolean(comment.trim())}
              loading={answer.isPending}
              onClick={() => answer.mutate({ name: name.trim() })}
            >
              {t('client.approve')}
            </Button>
            <Button
              variant="default"
              disabled={!name.trim() || !comment.trim()}
              loading={answer.isPending}
              onClick={() =>
                answer.mutate({ name: name.trim(), comment: comment.trim() }, { onSuccess: forget })
              }
            >
              {t('client.requestChanges')}
            </Button>
          </Group>
        </Stack>
      )}
    </article>
  );
}
