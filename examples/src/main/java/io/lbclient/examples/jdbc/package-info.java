/** Databases behind a pool: PostgreSQL through JDBC, with HikariCP above. */
@org.jspecify.annotations.NullMarked
package io.lbclient.examples.jdbc;
