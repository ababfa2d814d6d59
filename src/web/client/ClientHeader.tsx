import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Offer } from '@/server/client/offer-schema';
import classes from './Client.module.css';

/** The company's logo and name in its color, and what the page is about. */
export function ClientHeader({
  company,
  title,
  children,
}: {
  company: Offer['company'];
  title: string;
  children?: ReactNode;
}) {
  return (
    <header className={classes.head}>
      {company.logo ? (
        <img className={classes.logo} src={company.logo} alt={company.companyName} />
      ) : (
        <Text className={classes.company}>{company.companyName}</Text>
      )}
      <Title order={1} fz={28} mt={10}>
        {title}
      </Title>
      {children}
    </header>
  );
}

/** The company's name, address and tax number, as on its documents. */
export function ClientFooter({ company }: { company: Offer['company'] }) {
  return (
    <Text component="footer" size="xs" c="dimmed" ta="center" pb="xl">
      {[company.companyName, ...company.companyLines].map((line, index) => (
        // A phone number or address stays together.
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other
        <Text key={index} component="span" inherit display="inline-block">
          {index > 0 && '\u00a0· '}
          {line}
        </Text>
      ))}
    </Text>
  );
}
