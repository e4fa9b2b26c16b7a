package io.finemem.transport.shm.tck;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * One call of the SPI on its way to the real transport.
 *
 * @param target the real object
 * @param method what is called
 * @param arguments real objects, never decorated ones
 */
record Call(Object target, Method method, @Nullable Object[] arguments) {

    boolean is(Class<?> type, String name) {
        return type.isInstance(target) && method.getName().equals(name);
    }

    /** Whether it adds an element with an address and an rkey to a chain. */
    boolean addsAccess() {
        return method.getReturnType() == int.class
                && method.getParameterCount() >= 2
                && method.getParameterTypes()[0] == long.class
                && method.getParameterTypes()[1] == int.class;
    }

    @Nullable
    Object proceed() throws Throwable {
        return invoke(target, method, arguments);
    }

    /** The same call with another argument. */
    Call with(int index, Object argument) {
        @Nullable Object[] changed = arguments.clone();
        changed[index] = argument;
        return new Call(target, method, changed);
    }

    long number(int index) {
        Object argument = arguments[index];
        return argument instanceof Number number ? number.longValue() : 0;
    }

    static @Nullable Object invoke(Object target, Method method, @Nullable Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
