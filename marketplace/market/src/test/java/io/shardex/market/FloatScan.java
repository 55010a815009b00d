package io.shardex.market;

import com.tngtech.archunit.thirdparty.org.objectweb.asm.ClassReader;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.ClassVisitor;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.FieldVisitor;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.MethodVisitor;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.Opcodes;
import com.tngtech.archunit.thirdparty.org.objectweb.asm.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds every use of float and double in a class file. */
final class FloatScan extends ClassVisitor {
  private static final Set<Integer> INSTRUCTIONS =
      Set.of(
          Opcodes.FCONST_0,
          Opcodes.FCONST_1,
          Opcodes.FCONST_2,
          Opcodes.DCONST_0,
          Opcodes.DCONST_1,
          Opcodes.FLOAD,
          Opcodes.DLOAD,
          Opcodes.FSTORE,
          Opcodes.DSTORE,
          Opcodes.FALOAD,
          Opcodes.DALOAD,
          Opcodes.FASTORE,
          Opcodes.DASTORE,
          Opcodes.FADD,
          Opcodes.DADD,
          Opcodes.FSUB,
          Opcodes.DSUB,
          Opcodes.FMUL,
          Opcodes.DMUL,
          Opcodes.FDIV,
          Opcodes.DDIV,
          Opcodes.FREM,
          Opcodes.DREM,
          Opcodes.FNEG,
          Opcodes.DNEG,
          Opcodes.I2F,
          Opcodes.I2D,
          Opcodes.L2F,
          Opcodes.L2D,
          Opcodes.F2I,
          Opcodes.F2L,
          Opcodes.F2D,
          Opcodes.D2I,
          Opcodes.D2L,
          Opcodes.D2F,
          Opcodes.FCMPL,
          Opcodes.FCMPG,
          Opcodes.DCMPL,
          Opcodes.DCMPG,
          Opcodes.FRETURN,
          Opcodes.DRETURN);
  private static final Set<String> BOXES = Set.of("java/lang/Float", "java/lang/Double");

  private final List<String> found = new ArrayList<>();
  private String name = "";

  private FloatScan() {
    super(Opcodes.ASM9);
  }

  /** Where the class uses them; empty if it does not. */
  static List<String> of(byte[] classFile) {
    FloatScan scan = new FloatScan();
    new ClassReader(classFile).accept(scan, ClassReader.SKIP_DEBUG);
    return scan.found;
  }

  @Override
  public void visit(
      int version,
      int access,
      String className,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaces) {
    name = className;
  }

  @Override
  public @Nullable FieldVisitor visitField(
      int access,
      String field,
      String descriptor,
      @Nullable String signature,
      @Nullable Object value) {
    note(floats(descriptor), field);
    return null;
  }

  @Override
  public MethodVisitor visitMethod(
      int access,
      String method,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    note(floats(descriptor), method);
    return new MethodVisitor(Opcodes.ASM9) {
      @Override
      public void visitInsn(int opcode) {
        note(INSTRUCTIONS.contains(opcode), method);
      }

      @Override
      public void visitVarInsn(int opcode, int variable) {
        note(INSTRUCTIONS.contains(opcode), method);
      }

      @Override
      public void visitIntInsn(int opcode, int operand) {
        note(
            opcode == Opcodes.NEWARRAY
                && (operand == Opcodes.T_FLOAT || operand == Opcodes.T_DOUBLE),
            method);
      }

      @Override
      public void visitLdcInsn(Object value) {
        note(value instanceof Float || value instanceof Double, method);
      }

      @Override
      public void visitFieldInsn(int opcode, String owner, String field, String type) {
        note(BOXES.contains(owner) || floats(type), method);
      }

      @Override
      public void visitMethodInsn(
          int opcode, String owner, String called, String type, boolean isInterface) {
        note(BOXES.contains(owner) || floats(type), method);
      }
    };
  }

  private void note(boolean floats, String where) {
    if (floats) {
      found.add(name + "." + where);
    }
  }

  /** Whether a field's or a method's descriptor names one of the types. */
  private static boolean floats(String descriptor) {
    if (!descriptor.startsWith("(")) {
      return isFloat(Type.getType(descriptor));
    }
    boolean result = isFloat(Type.getReturnType(descriptor));
    for (Type argument : Type.getArgumentTypes(descriptor)) {
      result |= isFloat(argument);
    }
    return result;
  }

  private static boolean isFloat(Type type) {
    Type element = type.getSort() == Type.ARRAY ? type.getElementType() : type;
    return element.getSort() == Type.FLOAT
        || element.getSort() == Type.DOUBLE
        || (element.getSort() == Type.OBJECT && BOXES.contains(element.getInternalName()));
  }
}
