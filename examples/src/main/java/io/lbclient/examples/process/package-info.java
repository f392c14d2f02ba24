/** Servers of the demonstrations in processes of their own, so that one can be killed. */
package io.lbclient.examples.process;
