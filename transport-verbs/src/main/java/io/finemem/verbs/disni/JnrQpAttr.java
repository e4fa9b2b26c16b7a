package io.finemem.verbs.disni;

import com.ibm.disni.verbs.IbvAhAttr;
import com.ibm.disni.verbs.IbvGlobalRoute;
import com.ibm.disni.verbs.IbvQPCap;
import com.ibm.disni.verbs.IbvQpAttr;
import io.finemem.verbs.ffi.QpAttributes;

/**
 * DiSNI's attributes of a queue pair, made accessible: its own classes have no public constructors. For {@link
 * VerbsExtensions#modifyQp}; {@link #setQpAttrMask} says which of them count.
 *
 * <p><b>Thread-safety.</b> None.
 */
public final class JnrQpAttr extends IbvQpAttr {
    /** Mask of RESET to INIT: state, partition key index, port, access flags. */
    public static final int TO_INIT = QpAttributes.MASK_INIT;

    /** Mask of INIT to RTR: state, address, path MTU, destination, receive PSN, responder depth, RNR timer. */
    public static final int TO_READY_TO_RECEIVE = QpAttributes.MASK_READY_TO_RECEIVE;

    /** Mask of RTR to RTS: state, timeout, retries, send PSN, initiator depth. */
    public static final int TO_READY_TO_SEND = QpAttributes.MASK_READY_TO_SEND;

    /** Mask of the state alone, for RESET and ERROR. */
    public static final int STATE = QpAttributes.MASK_STATE;

    /** All zero. */
    public JnrQpAttr() {
        super(new AddressVector(), new AddressVector(), new Capacity());
    }

    private static final class AddressVector extends IbvAhAttr {
        AddressVector() {
            super(new Route());
        }
    }

    private static final class Route extends IbvGlobalRoute {
        Route() {
            dgid = new byte[QpAttributes.GID_BYTES];
        }
    }

    private static final class Capacity extends IbvQPCap {}
}
