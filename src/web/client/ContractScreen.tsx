import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useParams } from '@tanstack/react-router';
import { Check, FileText, Unlink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isOffline } from '../hooks/request/failures';
import { DocumentFrame } from '../ui/DocumentFrame';
import { EmptyState, Failed, Panel, WaitingPage } from '../ui/Panel';
import classes from './Client.module.css';
import { ClientFooter, ClientHeader } from './ClientHeader';
import { companyStyle } from './company-style';
import { addressOfSigned, useContract, useSign } from './contract';
import { SignForm } from './SignForm';

const OPEN = ['sent', 'viewed'];

/** The client's page for signing a contract, opened from a mail: text, signature and the signed copy. */
export function ContractScreen() {
  const { t } = useTranslation();
  const { token } = useParams({ strict: false }) as { token: string };
  const { data: contract, error, isPending, refetch } = useContract(token);
  const sign = useSign(token);
  useDocumentTitle(contract ? `${contract.company.companyName} · ${contract.number}` : 'Marquee');
  if (isPending) return <WaitingPage />;
  if (error && isOffline(error)) return <Failed error={error} retry={() => void refetch()} />;
  if (!contract) return <EmptyState icon={Unlink} title={t('client.gone')} text={t('client.goneText')} />;
  const { company, title, number, status, signerName } = contract;
  return (
    <main className={classes.page} style={companyStyle(company)}>
      <ClientHeader company={company} title={title}>
        <Text c="dimmed">{number}</Text>
      </ClientHeader>
      <Stack>
        {status === 'signed' && (
          <Panel>
            <Stack gap="sm" aria-live="polite">
              <Group gap="xs" wrap="nowrap">
                <Check size={22} color="var(--mantine-color-green-7)" aria-hidden />
                <Text fw={650} fz="lg">
                  {t('client.thanks', { name: signerName })}
                </Text>
              </Group>
              <Text size="sm">{t('contracts.signedText')}</Text>
              <Anchor href={addressOfSigned(token)} target="_blank" size="sm" underline="always">
                {t('client.contractPdf')}
              </Anchor>
            </Stack>
          </Panel>
        )}
        {status !== 'signed' && !OPEN.includes(status) && (
          <Alert color="orange">{t('contracts.closed')}</Alert>
        )}
        <Panel title={t('client.agreement')} aside={<FileText size={17} aria-hidden />}>
          <DocumentFrame title={t('client.agreement')} html={contract.bodyHtml} />
        </Panel>
        {OPEN.includes(status) && (
          <SignForm
            title={t('contracts.sign')}
            action={t('contracts.sign')}
            consentText={contract.consentText}
            isPending={sign.isPending}
            error={sign.error}
            onSign={(signed) =>
              sign.mutate(
                { ...signed, sha256: contract.sha256 },
                // The next step is shown at the top of the page.
                { onSuccess: () => window.scrollTo({ top: 0, behavior: 'smooth' }) },
              )
            }
          />
        )}
        <ClientFooter company={company} />
      </Stack>
    </main>
  );
}
