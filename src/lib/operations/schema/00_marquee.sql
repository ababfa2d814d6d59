-- The operations database: the operator's state. It holds no business data, and no credential in the clear.
create schema if not exists marquee;
